#include "patchbay/policy/blackout.hpp"

#include <string>

#include <doctest/doctest.h>

#include "zones.hpp"

using namespace patchbay;
using patchbay::testing::greenwich;
using patchbay::testing::utc;

namespace {

std::optional<span_of_time> next(const char* text, wall_time at) {
  return blackout::parse(text).value().next(at, greenwich());
}

bool is(const std::optional<span_of_time>& found, wall_time from, wall_time to) {
  return found && found->from == from && found->to == to;
}

std::string refusal(const char* text) {
  const auto parsed = blackout::parse(text);
  return parsed ? "accepted" : parsed.error().message;
}

}  // namespace

// 23 November 2026 is a Monday.

TEST_CASE("blackout: weekdays and hours") {
  CHECK(
      is(next("Fri 18:00-22:00", utc(2026, 11, 23)), utc(2026, 11, 27, 18), utc(2026, 11, 27, 22)));
  CHECK(is(next("fri 18:00-22:00", utc(2026, 11, 27, 20)), utc(2026, 11, 27, 18),
           utc(2026, 11, 27, 22)));
  CHECK(is(next("Fri 18:00-22:00", utc(2026, 11, 27, 22)), utc(2026, 12, 4, 18),
           utc(2026, 12, 4, 22)));
  CHECK(is(next("Sat,Mon-Tue 09:00-10:00", utc(2026, 11, 24, 11)), utc(2026, 11, 28, 9),
           utc(2026, 11, 28, 10)));
  CHECK(is(next("Sat..Mon", utc(2026, 11, 24)), utc(2026, 11, 28), utc(2026, 11, 29)));
}

TEST_CASE("blackout: hours that end before they begin go over midnight") {
  CHECK(is(next("22:00-02:00", utc(2026, 11, 24, 1)), utc(2026, 11, 23, 22), utc(2026, 11, 24, 2)));
  CHECK(is(next("22:00-02:00", utc(2026, 11, 24, 2)), utc(2026, 11, 24, 22), utc(2026, 11, 25, 2)));
}

TEST_CASE("blackout: dates of every year, of one year, and from one to another") {
  CHECK(is(next("12-24 00:00-24:00", utc(2026, 11, 24)), utc(2026, 12, 24), utc(2026, 12, 25)));
  CHECK(is(next("12-24", utc(2026, 12, 25)), utc(2027, 12, 24), utc(2027, 12, 25)));
  CHECK_FALSE(next("2026-12-24", utc(2026, 12, 25)));
  CHECK(is(next("12-30..01-02 08:00-09:00", utc(2027, 1, 2)), utc(2027, 1, 2, 8),
           utc(2027, 1, 2, 9)));
  CHECK(is(next("02-29", utc(2026, 3, 1)), utc(2028, 2, 29), utc(2028, 3, 1)));
}

TEST_CASE("blackout: what cannot be one is named") {
  CHECK(refusal("") == "\"\" is empty: write days, hours or both, such as \"Fri 18:00-22:00\"");
  CHECK(refusal("Fry 18:00-22:00").find("\"Fry\" is no weekday") == 0);
  CHECK(refusal("Fri 18:00") == "\"18:00\" is no span of hours such as 18:00-22:00");
  CHECK(refusal("Fri 18:00-25:00") == "\"18:00-25:00\" is no span of hours such as 18:00-22:00");
  CHECK(refusal("18:00-18:00") == "\"18:00-18:00\" is empty: a whole day is 00:00-24:00");
  CHECK(refusal("00:00-24:00").find("nothing would ever be sent") != std::string::npos);
  CHECK(refusal("13-24").find("\"13-24\" is no date") == 0);
  CHECK(refusal("2026-02-29").find("\"2026-02-29\" is no date") == 0);
  CHECK(refusal("2026-12-24..2026-12-20") == "\"2026-12-24..2026-12-20\" runs backwards");
  CHECK(refusal("2026-12-24..2027-01-02").find("spans two years") != std::string::npos);
  CHECK(refusal("Fri closed") == "\"closed\" is no span of hours such as 18:00-22:00");
}
