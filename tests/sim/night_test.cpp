// Seeded nights (seeds.hpp); PATCHBAY_TRACE=1 tells them.
#include <exception>
#include <string>

#include <doctest/doctest.h>

#include "checker.hpp"
#include "seeds.hpp"

using namespace patchbay::sim;

namespace {

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
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr std::uint64_t usual = 60;
#else
  constexpr std::uint64_t usual = 200;
#endif
  for_each_seed(usual, [](std::uint64_t seed) { play(seed); });
}

TEST_CASE("nights: what the API applies after a newer PATCH is read back and put right") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) play(seed, &night::pass_with_late_changes);
}

TEST_CASE("nights: a wall clock that is set back makes no second chance a hot loop") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) play(seed, &night::pass_with_clock_set_back);
}
