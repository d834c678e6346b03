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

TEST_CASE(
    "windows: what remains is left to others only when they spend, and more than we reserve") {
  const seconds minute(60);
  const auto yields = [&](std::int64_t remaining, int taken, double reserve) {
    return yield_for({.limit = 200, .remaining = remaining, .taken = taken, .in_flight = 8},
                     reserve, minute)
        .pause;
  };
  CHECK(yields(0, 200, 0) == nanoseconds(0));     // all of it is ours
  CHECK(yields(0, 192, 0) == nanoseconds(0));     // the rest may be under way
  CHECK(yields(0, 100, 0) == milliseconds(300));  // one of 200 comes back every 0.3 s
  CHECK(yields(1, 100, 0) == nanoseconds(0));
  CHECK(yields(21, 100, 0.1) == nanoseconds(0));
  CHECK(yields(20, 100, 0.1) == milliseconds(300));
  CHECK(yields(0, 100, 0.1) == milliseconds(6'300));
  CHECK(yield_for({200, 8, 100, 8}, 0, minute).single_file);
  CHECK_FALSE(yield_for({200, 9, 100, 8}, 0, minute).single_file);
  CHECK_FALSE(yield_for({200, 0, 192, 8}, 0, minute).single_file);
}

TEST_CASE("windows: slots in flight and those of the last minute are taken") {
  const window_limits limits{{50, seconds(10)}, {200, seconds(60)}};
  const std::vector<slot_release> slots{slot_release(), seconds(95), seconds(41), seconds(39)};
  CHECK(taken_of(slots, limits, seconds(100)) == 3);
}
