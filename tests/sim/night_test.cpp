// Seeded nights. PATCHBAY_SEED=N plays one (PATCHBAY_TRACE=1 tells it), PATCHBAY_SEEDS=N so many.
#include <cstdlib>
#include <exception>
#include <string>

#include <doctest/doctest.h>

#include "checker.hpp"

using namespace patchbay::sim;

namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void play(std::uint64_t seed, void (night::*whole)() = &night::pass) {
  CAPTURE(seed);
  try {
    night one(seed);
    (one.*whole)();
    for (const std::string& violation : violations_of(one)) FAIL_CHECK(violation);
  } catch (const std::exception& ended) {
    FAIL_CHECK(ended.what());
  }
}

}  // namespace

TEST_CASE("nights: whatever fails, nothing is lost, nothing is repeated, no window is overrun") {
  if (std::getenv("PATCHBAY_SEED") != nullptr) {
    play(number_from("PATCHBAY_SEED", 1));
    return;
  }
  const std::uint64_t seeds = number_from("PATCHBAY_SEEDS", 200);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) play(seed);
}

TEST_CASE("nights: what the API applies after a newer PATCH is read back and put right") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) play(seed, &night::pass_with_late_changes);
}
