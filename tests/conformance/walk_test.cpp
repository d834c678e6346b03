// Random walks over all operations: totals balance after every one, nothing settles that is not at
// the API, and in the end everything the ERP said is there.
#include <doctest/doctest.h>

#include "walk_model.hpp"

namespace patchbay::testing {
namespace {

void walk(sqlite_store& store, std::uint64_t seed, int steps) {
  INFO("seed ", seed);
  random_walk model(store, seed);
  for (int at = 0; at < steps; ++at) {
    INFO("step ", at);
    model.step();
  }
  model.finish();
}

TEST_CASE("walk: 400 seeds in memory") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    bench<in_memory> here;
    walk(here.store(), seed, 80);
  }
}

TEST_CASE("walk: a long one on a file") {
  bench<on_disk> here;
  walk(here.store(), 7777, 400);
}

}  // namespace
}  // namespace patchbay::testing
