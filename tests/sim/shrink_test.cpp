// A failure of two causes is made smaller until only the two are left.
#include "shrink.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace patchbay::sim {
namespace {

TEST_CASE("shrink: what does not matter goes, what matters stays") {
  scenario told = make_scenario(3);
  REQUIRE(told.drops.size() > 2);
  const std::string file = told.drops[1].file;
  const std::string key = told.drops[1].rows.back().key;
  told.kills.assign(5, planned_kill{});
  told.kills[3].steps = 7;
  const auto fails = [&](const scenario& one) {
    const bool killed = std::any_of(one.kills.begin(), one.kills.end(),
                                    [](const planned_kill& kill) { return kill.steps == 7; });
    return killed && std::any_of(one.drops.begin(), one.drops.end(), [&](const erp_drop& drop) {
             return drop.file == file && !drop.rows.empty() && drop.rows.back().key == key;
           });
  };
  const scenario left = shrunk(told, fails, 1'000);
  CHECK(outline(left) ==
        "1 drops of 1 rows in all, 0 faults of the API, 1 kills, 0 edits of others, 0 clock steps, "
        "0 outages, 0 neighbours, 0 commands, 0 other processes, 0 undoings, 0 drifts, a calm "
        "network");
  CHECK(left.kills.front().steps == 7);
  CHECK(left.drops.front().rows.front().key == key);
}

}  // namespace
}  // namespace patchbay::sim
