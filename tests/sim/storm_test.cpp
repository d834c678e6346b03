// Seeded storms. PATCHBAY_SEED=N plays one (PATCHBAY_TRACE=1 tells it), PATCHBAY_SEEDS=N so many.
#include "storm.hpp"

#include <cstdlib>
#include <exception>
#include <string>

#include <doctest/doctest.h>

namespace patchbay::sim {
namespace {

// A sanitizer needs many times the time, and finds what it looks for in any storm.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_seeds = 50;
#else
constexpr std::uint64_t usual_seeds = 250;
#endif

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void play(std::uint64_t seed) {
  CAPTURE(seed);
  try {
    storm one(make_scenario(seed));
    one.pass();
    for (const std::string& objection : one.found()) FAIL_CHECK(objection);
  } catch (const std::exception& ended) {
    FAIL_CHECK(ended.what());
  }
}

}  // namespace

TEST_CASE("storms: drops, faults, kills and others' writes at any moment, then all is settled") {
  if (std::getenv("PATCHBAY_SEED") != nullptr) {
    play(number_from("PATCHBAY_SEED", 1));
    return;
  }
  const std::uint64_t seeds = number_from("PATCHBAY_SEEDS", usual_seeds);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) play(seed);
}

}  // namespace patchbay::sim
