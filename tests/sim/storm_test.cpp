// Seeded storms (seeds.hpp). The first seed that fails is made smaller; PATCHBAY_SHRUNK=1 plays the
// smaller one, and PATCHBAY_TRACE=1 tells it.
#include "storm.hpp"

#include <cstdlib>
#include <exception>
#include <string>

#include <doctest/doctest.h>

#include "seeds.hpp"
#include "shrink.hpp"
#include "trace.hpp"

namespace patchbay::sim {
namespace {

// The thread sanitizer needs many times the time, and finds what it looks for in any storm.
#if defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_seeds = 50;
#else
constexpr std::uint64_t usual_seeds = 300;
#endif

constexpr int most_trials = 300;

objections played(const scenario& told) {
  objections found;
  try {
    storm one(told);
    one.pass();
    found = one.found();
  } catch (const std::exception& ended) {
    found.push_back(ended.what());
  }
  mend_disk();
  return found;
}

scenario smaller(const scenario& told) {
  const untold quietly;
  return shrunk(
      told, [](const scenario& one) { return !played(one).empty(); }, most_trials);
}

/// True: what must always hold did.
bool play(std::uint64_t seed, bool shrinks) {
  CAPTURE(seed);
  const bool asked = std::getenv("PATCHBAY_SHRUNK") != nullptr;
  scenario told = make_scenario(seed);
  if (asked) told = smaller(told);
  const objections found = played(told);
  for (const std::string& objection : found) FAIL_CHECK(objection);
  if (!found.empty() && shrinks && !asked) {
    MESSAGE("made smaller, seed " << seed << " still fails with " << outline(smaller(told))
                                  << "; step by step: PATCHBAY_SEED=" << seed
                                  << " PATCHBAY_SHRUNK=1 PATCHBAY_TRACE=1");
  }
  return found.empty();
}

}  // namespace

TEST_CASE("storms: drops, faults, kills and others' writes at any moment, then all is settled") {
  bool all_held = true;
  for_each_seed(usual_seeds, [&](std::uint64_t seed) { all_held &= play(seed, all_held); });
}

}  // namespace patchbay::sim
