#include "patchbay/policy/windows.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace patchbay;
using std::chrono::seconds;

namespace {

/// So many in flight, and others released at these moments.
window_log slots(int in_flight, std::initializer_list<seconds> released = {}) {
  window_log made;
  for (int i = 1; i <= in_flight; ++i) made.lease(i);
  for (const seconds at : released) made.add_released(at);
  return made;
}

}  // namespace

TEST_CASE("windows: the 51st request of ten seconds waits") {
  const window_limits limits = api_limits(request_class::patch, false);
  window_log log;
  for (int i = 1; i <= 49; ++i) log.add_released(seconds(100));
  CHECK(log.next_opening(limits, seconds(100)).open);
  log.lease(50);
  CHECK(log.release(50, seconds(100)));
  const opening closed = log.next_opening(limits, seconds(105));
  CHECK_FALSE(closed.open);
  REQUIRE(closed.not_before);
  CHECK(*closed.not_before == seconds(110) + milliseconds(10));
  CHECK(log.next_opening(limits, *closed.not_before).open);
}

TEST_CASE("windows: while every slot is in flight, only a reply can open one") {
  const window_limits limits{{2, seconds(1)}};
  window_log log = slots(2);
  const opening closed = log.next_opening(limits, seconds(7));
  CHECK_FALSE(closed.open);
  CHECK_FALSE(closed.not_before.has_value());
  CHECK(log.take_back(2));
  CHECK_FALSE(log.take_back(2));
  CHECK(log.next_opening(limits, seconds(7)).open);
}

TEST_CASE("windows: no limits are always open") {
  CHECK(slots(500).next_opening({}, seconds(1)).open);
}

TEST_CASE("windows: the latest of all windows counts") {
  const window_limits limits{{1, seconds(1)}, {2, seconds(60)}};
  const opening closed = slots(0, {seconds(10), seconds(9)}).next_opening(limits, seconds(10));
  REQUIRE(closed.not_before);
  CHECK(*closed.not_before == seconds(9) + seconds(60) + milliseconds(60));
}

TEST_CASE("windows: a log answers as counting all of its slots does") {
  std::mt19937 luck(11);
  const auto number = [&luck](int most) {
    return std::uniform_int_distribution<int>(0, most)(luck);
  };
  for (int round = 0; round < 500; ++round) {
    const window_limits limits{{1 + number(5), seconds(4)}, {1 + number(9), seconds(12)}};
    window_log log;
    std::vector<instant> released;
    int flying = 0;
    for (int i = 1; i <= 20; ++i) {
      log.lease(i);
      ++flying;
      if (number(9) == 0) continue;
      released.emplace_back(milliseconds(number(30'000)));
      CHECK(log.release(i, released.back()));
      --flying;
    }
    const instant now = milliseconds(number(60'000));
    bool room = true;
    for (const window_limit& limit : limits) {
      const auto held = [&](instant at) { return at + held_for(limit) > now; };
      room =
          room && flying + std::count_if(released.begin(), released.end(), held) < limit.requests;
    }
    const opening found = log.next_opening(limits, now);
    CHECK(found.open == room);
    if (!found.open && found.not_before) CHECK(log.next_opening(limits, *found.not_before).open);
  }
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
  window_log log = slots(1, {seconds(95), seconds(41), seconds(39)});
  CHECK(log.taken(seconds(60), seconds(100)) == 3);
  log.forget(seconds(42));
  CHECK(log.taken(seconds(60), seconds(100)) == 2);
}

TEST_CASE("windows: whatever an answer says remains, the pause is no longer than its window") {
  for (const std::int64_t remaining : {INT64_MIN, std::int64_t{-5}, INT64_MAX}) {
    const yielding made = yield_for({200, remaining, 0, 8}, 0.9, seconds(60));
    CHECK(made.pause >= nanoseconds(0));
    CHECK(made.pause <= seconds(60));
  }
}

TEST_CASE("windows: each window that is not configured is the API's own") {
  api_spec api;
  api.average = window_limit{150, seconds(60)};
  CHECK(windows_for(api, request_class::patch, false, {}) ==
        window_limits{{150, seconds(60)}, {50, seconds(10)}});
  CHECK(windows_for(api, request_class::patch, true, {}) ==
        window_limits{{150, seconds(60)}, {25, seconds(10)}});
  CHECK(windows_for(api, request_class::patch, false, 100).front().requests == 100);
  api.reserve = 0.5;
  CHECK(windows_for(api, request_class::patch, false, {}) ==
        window_limits{{75, seconds(60)}, {25, seconds(10)}});
  api.reserve = 0.9;
  api.burst = window_limit{2, seconds(1)};
  CHECK(windows_for(api, request_class::get, false, {}).back().requests == 1);
}
