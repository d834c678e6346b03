#include "patchbay/policy/calendar.hpp"

#include <string>

#include <doctest/doctest.h>

#include "zones.hpp"

using namespace patchbay;
using patchbay::testing::greenwich;
using patchbay::testing::utc;
using namespace std::chrono_literals;

namespace {

/// A zone an hour ahead in winter and two in summer 2026, changing at 01:00 UTC as Europe does.
class middle_europe : public zone {
 public:
  std::string name() const override { return "Test/Middle"; }
  local_time reading_at(wall_time when) const override {
    return local_time(when.time_since_epoch() + offset_at(when));
  }
  wall_time moment_of(local_time reading) const override {
    const wall_time as_utc(reading.time_since_epoch());
    const wall_time summer = as_utc - 2h;
    const wall_time winter = as_utc - 1h;
    if (offset_at(summer) == 2h) return summer;  // of two moments the first
    if (offset_at(winter) == 1h) return winter;
    return spring;
  }

 private:
  static std::chrono::hours offset_at(wall_time when) {
    return when >= spring && when < autumn ? 2h : 1h;
  }
  static constexpr wall_time spring = std::chrono::sys_days(std::chrono::March / 29 / 2026) + 1h;
  static constexpr wall_time autumn = std::chrono::sys_days(std::chrono::October / 25 / 2026) + 1h;
};

wall_time next(const char* cron, wall_time after, const zone& where = greenwich()) {
  return cron_schedule::parse(cron).value().next_after(after, where);
}

std::string refusal(const char* cron) {
  const auto parsed = cron_schedule::parse(cron);
  return parsed ? "accepted" : parsed.error().message;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("calendar: a nightly job on working days skips the weekend") {
  // 2026-11-20 is a Friday.
  CHECK(next("15 2 * * 1-5", utc(2026, 11, 20, 2, 14)) == utc(2026, 11, 20, 2, 15));
  CHECK(next("15 2 * * 1-5", utc(2026, 11, 20, 2, 15)) == utc(2026, 11, 23, 2, 15));
  CHECK(next("15 2 * * mon-FRI", utc(2026, 11, 20, 12)) == utc(2026, 11, 23, 2, 15));
}

TEST_CASE("calendar: the next moment lies strictly after, seconds included") {
  CHECK(next("* * * * *", utc(2026, 1, 1, 0, 0) + 1ms) == utc(2026, 1, 1, 0, 1));
  CHECK(next("* * * * *", utc(2026, 1, 1, 0, 0)) == utc(2026, 1, 1, 0, 1));
  CHECK(next("59 23 31 12 *", utc(2026, 12, 31, 23, 59)) == utc(2027, 12, 31, 23, 59));
}

TEST_CASE("calendar: lists, ranges and steps add up") {
  CHECK(next("5,35 8-10 * * *", utc(2026, 1, 1, 8, 6)) == utc(2026, 1, 1, 8, 35));
  CHECK(next("5,35 8-10 * * *", utc(2026, 1, 1, 10, 35)) == utc(2026, 1, 2, 8, 5));
  CHECK(next("*/20 * * * *", utc(2026, 1, 1, 0, 41)) == utc(2026, 1, 1, 1, 0));
  CHECK(next("0 8-18/5 * * *", utc(2026, 1, 1, 13, 0)) == utc(2026, 1, 1, 18, 0));
  CHECK(next("0 0 * feb,Mar *", utc(2026, 1, 1)) == utc(2026, 2, 1));
}

TEST_CASE("calendar: day of month and day of week, both given, are a union") {
  // 2026-06-01 is a Monday; 12 June a Friday, 13 June a Saturday.
  CHECK(next("0 0 13 * 5", utc(2026, 6, 1)) == utc(2026, 6, 5));
  CHECK(next("0 0 13 * 5", utc(2026, 6, 12)) == utc(2026, 6, 13));
  CHECK(next("0 0 13 * *", utc(2026, 6, 1)) == utc(2026, 6, 13));
  CHECK(next("0 0 */2 * 5", utc(2026, 6, 1)) == utc(2026, 6, 5));
}

TEST_CASE("calendar: Sunday is 0 and 7") {
  CHECK(next("0 3 * * 0", utc(2026, 6, 1)) == utc(2026, 6, 7, 3));
  CHECK(next("0 3 * * 7", utc(2026, 6, 1)) == utc(2026, 6, 7, 3));
  CHECK(next("0 3 * * 6-7", utc(2026, 6, 6, 4)) == utc(2026, 6, 7, 3));
}

TEST_CASE("calendar: shorthands mean what cron says they mean") {
  CHECK(next("@hourly", utc(2026, 6, 1, 1, 30)) == utc(2026, 6, 1, 2));
  CHECK(next("@daily", utc(2026, 6, 1, 1)) == utc(2026, 6, 2));
  CHECK(next("@weekly", utc(2026, 6, 1, 1)) == utc(2026, 6, 7));
  CHECK(next("@monthly", utc(2026, 6, 1, 1)) == utc(2026, 7, 1));
  CHECK(next("@yearly", utc(2026, 6, 1, 1)) == utc(2027, 1, 1));
}

TEST_CASE("calendar: 29 February waits for a leap year, also over a century") {
  CHECK(next("0 0 29 2 *", utc(2026, 1, 1)) == utc(2028, 2, 29));
  CHECK(next("0 0 29 2 *", utc(2096, 3, 1)) == utc(2104, 2, 29));
}

TEST_CASE("calendar: a reading that the clock skips is due once, at the change") {
  const middle_europe zone;
  const wall_time change = utc(2026, 3, 29, 1);  // 02:00 becomes 03:00
  CHECK(next("30 2 * * *", utc(2026, 3, 28, 12), zone) == change);
  CHECK(next("30 2 * * *", change, zone) == utc(2026, 3, 30, 0, 30));
  CHECK(next("*/30 2-3 * * *", utc(2026, 3, 29, 0, 59), zone) == change);
  CHECK(next("*/30 2-3 * * *", change, zone) == change + 30min);
}

TEST_CASE("calendar: a reading that the clock shows twice is due once, the first time") {
  const middle_europe zone;
  const wall_time first = utc(2026, 10, 25, 0, 30);  // 02:30 summer time
  CHECK(next("30 2 * * *", utc(2026, 10, 24, 12), zone) == first);
  CHECK(next("30 2 * * *", first, zone) == utc(2026, 10, 26, 1, 30));
  CHECK(next("30 2 * * *", utc(2026, 10, 25, 1, 10), zone) == utc(2026, 10, 26, 1, 30));
}

TEST_CASE("calendar: what is wrong with an expression is said with its field") {
  CHECK(contains(refusal("15 2 * *"), "five fields"));
  CHECK(contains(refusal("0 15 2 * * *"), "this one has 6"));
  CHECK(contains(refusal("60 2 * * *"), "the minute \"60\" is not 0 to 59"));
  CHECK(contains(refusal("0 24 * * *"), "the hour \"24\""));
  CHECK(contains(refusal("0 0 * * funday"), "the day of week \"funday\" is not 0 to 7 or a name"));
  CHECK(contains(refusal("0 0 * * 5-1"), "backwards"));
  CHECK(contains(refusal("5/10 * * * *"), "5-59/10"));
  CHECK(contains(refusal("*/0 * * * *"), "step"));
  CHECK(contains(refusal("1,,2 * * * *"), "the minute \"\""));
  CHECK(contains(refusal("0 0 30 2 *"), "never comes"));
  CHECK(contains(refusal("@reboot"), "@daily"));
  CHECK(contains(refusal(""), "has 0"));
  CHECK(contains(refusal("-5 * * * *"), "minute"));
}

TEST_CASE("calendar: the deadline is the next time the clock shows it") {
  const middle_europe zone;
  const auto six = parse_time_of_day("06:00").value();
  CHECK(deadline_after(utc(2026, 11, 23, 1, 15), six, zone) == utc(2026, 11, 23, 5));
  CHECK(deadline_after(utc(2026, 11, 23, 22), six, zone) == utc(2026, 11, 24, 5));
  CHECK(deadline_after(utc(2026, 11, 23, 5), six, zone) == utc(2026, 11, 24, 5));
  CHECK(deadline_after(utc(2026, 7, 1, 0), six, zone) == utc(2026, 7, 1, 4));
}

TEST_CASE("calendar: a time of day has two digits, a colon and two digits") {
  CHECK(parse_time_of_day("00:00").value() == 0min);
  CHECK(parse_time_of_day("23:59").value() == 1439min);
  for (const char* wrong : {"24:00", "6:00", "06:60", "0600", "06:0a", "", "06:00:00", "-1:00"}) {
    CHECK(parse_time_of_day(wrong).has_error());
  }
}
