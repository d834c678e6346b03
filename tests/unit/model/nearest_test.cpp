#include "patchbay/model/nearest.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace patchbay;

namespace {

std::string near(std::string_view word) {
  const std::vector<std::string> known{"sessions", "base_url", "token_url", "timeouts", "per"};
  return nearest(word, known).value_or("-");
}

}  // namespace

TEST_CASE("nearest: a slip of a letter finds the word that was meant") {
  CHECK(near("sesions") == "sessions");
  CHECK(near("sessinos") == "sessions");
  CHECK(near("SESSIONS") == "sessions");
  CHECK(near("base-url") == "base_url");
  CHECK(near("pre") == "per");
}

TEST_CASE("nearest: a word like none gets no suggestion") {
  CHECK(near("password") == "-");
  CHECK(near("") == "-");
  CHECK(near("xyz") == "-");
  CHECK(near(std::string(10'000, 'a')) == "-");
}
