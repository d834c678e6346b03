#include "patchbay/model/value.hpp"

#include <doctest/doctest.h>

using namespace patchbay;

TEST_CASE("value: numbers are equal as decimals, at any length") {
  CHECK(same_number("1.50", "1.5"));
  CHECK(same_number("15e-1", "1.5"));
  CHECK(same_number("0", "-0.000"));
  CHECK(same_number("100", "1E2"));
  CHECK(same_number("0.001", "1e-3"));
  CHECK_FALSE(same_number("12345678901234567890.1", "12345678901234567890.2"));
  CHECK_FALSE(same_number("10", "1"));
  CHECK_FALSE(same_number("-1", "1"));
}

TEST_CASE("value: a string of digits is not a number") {
  CHECK_FALSE(same(value{"\"1\""}, value{"1"}));
  CHECK(same(value{"1.0"}, value{"1"}));
}

TEST_CASE("value: text survives being written as JSON and read again") {
  const std::string text = "a\"b\\c\nd\te\x01 Größe €";
  CHECK(plain_text(string_value(text)) == text);
  CHECK(plain_text(value{"\"\\u00e9\\ud83d\\ude00\""}) == "é😀");
  CHECK(plain_text(value{"12.5"}) == "12.5");
}
