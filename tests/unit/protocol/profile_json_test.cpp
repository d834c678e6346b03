#include "patchbay/protocol/profile_json.hpp"

#include <doctest/doctest.h>

using namespace patchbay;

TEST_CASE("profile: what is kept is what is read again, and rubbish is nothing") {
  drop_profile one{.rows = 12'000'000, .sampled = 60'000, .damaged = 3, .columns = {}};
  one.columns["KUNNR"] = column_profile{0, false};
  one.columns["a \"quoted\" \xC3\xA4"] = column_profile{50, true};
  one.columns["NOTE"] = std::nullopt;
  CHECK(parse_profile(profile_json(one)) == one);
  CHECK_FALSE(parse_profile("").has_value());
  CHECK_FALSE(parse_profile(R"({"rows":1})").has_value());
  CHECK_FALSE(parse_profile(R"({"rows":"x","sampled":1,"damaged":0,"columns":{}})").has_value());
}
