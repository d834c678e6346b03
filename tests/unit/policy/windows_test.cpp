#include "patchbay/policy/windows.hpp"

#include <chrono>
#include <deque>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace patchbay;
using std::chrono::seconds;

TEST_CASE("windows: the 51st request of ten seconds waits") {
  const window_limits limits = api_limits(request_class::patch, false);
  std::vector<slot_release> slots(49, slot_release(seconds(100)));
  CHECK(next_opening(slots, limits, seconds(100)).open);
  slots.emplace_back(seconds(100));
  const opening closed = next_opening(slots, limits, seconds(105));
  CHECK_FALSE(closed.open);
  REQUIRE(closed.not_before);
  CHECK(*closed.not_before == seconds(110) + milliseconds(10));
  CHECK(next_opening(slots, limits, *closed.not_before).open);
}

TEST_CASE("windows: while every slot is in flight, only a reply can open one") {
  const window_limits limits{{2, seconds(1)}};
  const std::vector<slot_release> slots(2);
  const opening closed = next_opening(slots, limits, seconds(7));
  CHECK_FALSE(closed.open);
  CHECK_FALSE(closed.not_before.has_value());
}

TEST_CASE("windows: no limits are always open") {
  const std::vector<slot_release> slots(500);
  CHECK(next_opening(slots, {}, seconds(1)).open);
}

TEST_CASE("windows: the latest of all windows counts") {
  const window_limits limits{{1, seconds(1)}, {2, seconds(60)}};
  const std::vector<slot_release> slots{seconds(10), seconds(9)};
  const opening closed = next_opening(slots, limits, seconds(10));
  REQUIRE(closed.not_before);
  CHECK(*closed.not_before == seconds(9) + seconds(60) + milliseconds(60));
}
