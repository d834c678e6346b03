#include "patchbay/policy/timetable.hpp"

#include <memory>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "zones.hpp"

using namespace patchbay;
using namespace std::chrono_literals;
using patchbay::testing::greenwich;
using patchbay::testing::utc;

namespace {

timetable table(timetable_spec spec) {
  return {std::move(spec), std::make_shared<greenwich>()};
}

timetable_spec nightly() {
  timetable_spec made;
  made.schedule = cron_schedule::parse("15 2 * * *").value();
  made.deadline = 6h;
  made.seed = "state/job";
  return made;
}

bool is(const std::optional<time_bound>& found, time_limit why, wall_time at) {
  return found && found->why == why && found->at == at;
}

}  // namespace

TEST_CASE("timetable: the latest moment and the next one lie on both sides of now") {
  const timetable times = table(nightly());
  CHECK(*times.last_due(utc(2026, 11, 23, 2, 15)) == utc(2026, 11, 23, 2, 15));
  CHECK(*times.last_due(utc(2026, 11, 23, 2, 14)) == utc(2026, 11, 22, 2, 15));
  CHECK(*times.next_due(utc(2026, 11, 23, 2, 15)) == utc(2026, 11, 24, 2, 15));
  CHECK_FALSE(table({}).next_due(utc(2026, 11, 23)));
  timetable_spec rare;
  rare.schedule = cron_schedule::parse("0 12 29 2 *").value();
  CHECK(*table(rare).last_due(utc(2026, 11, 23)) == utc(2024, 2, 29, 12));
}

TEST_CASE("timetable: between its deadline and its next schedule a job is closed") {
  const timetable times = table(nightly());
  CHECK_FALSE(times.closed(utc(2026, 11, 23, 2, 15)));
  CHECK_FALSE(times.closed(utc(2026, 11, 23, 5, 59)));
  CHECK(is(times.closed(utc(2026, 11, 23, 6)), time_limit::deadline, utc(2026, 11, 24, 2, 15)));
  CHECK(is(times.ends(utc(2026, 11, 23, 3)), time_limit::deadline, utc(2026, 11, 23, 6)));
  timetable_spec on_arrival;
  on_arrival.deadline = 6h;
  CHECK_FALSE(table(on_arrival).closed(utc(2026, 11, 23, 7)));
}

TEST_CASE("timetable: a blackout closes until its end, and one that follows, and the deadline") {
  timetable_spec spec = nightly();
  for (const char* text : {"Mon 03:00-04:00", "Mon 04:00-04:30", "Tue 05:00-12:00"}) {
    spec.blackouts.push_back(blackout::parse(text).value());
  }
  const timetable times = table(spec);
  CHECK(is(times.ends(utc(2026, 11, 23, 2, 15)), time_limit::blackout, utc(2026, 11, 23, 3)));
  CHECK(is(times.closed(utc(2026, 11, 23, 3)), time_limit::blackout, utc(2026, 11, 23, 4, 30)));
  CHECK_FALSE(times.closed(utc(2026, 11, 23, 4, 30)));
  // At its end the deadline has passed: it goes on the next night.
  CHECK(is(times.closed(utc(2026, 11, 24, 5)), time_limit::blackout, utc(2026, 11, 25, 2, 15)));
  CHECK(is(times.ends(utc(2026, 11, 24, 5, 1)), time_limit::blackout, utc(2026, 11, 24, 5, 1)));
}

TEST_CASE("timetable: jitter never moves a moment past its deadline") {
  timetable_spec spec = nightly();
  spec.jitter = 12h;
  const timetable times = table(spec);
  wall_time at = utc(2026, 11, 1);
  for (int night = 0; night < 50; ++night) {
    const wall_time due = *times.next_due(at);
    const wall_time midnight = utc(2026, 11, 1) + std::chrono::days(night);
    CHECK(due >= midnight + 2h + 15min);
    CHECK_FALSE(times.closed(due));
    CHECK(times.ends(due)->at < midnight + 12h);
    at = due;
  }
}

TEST_CASE("timetable: jitter moves each moment by its own span, the same in every process") {
  timetable_spec spec = nightly();
  spec.jitter = 5min;
  std::set<milliseconds> spans;
  wall_time at = utc(2026, 11, 1);
  for (int night = 0; night < 50; ++night) {
    const wall_time due = *table(spec).next_due(at);
    const milliseconds span = due - (utc(2026, 11, 1, 2, 15) + std::chrono::days(night));
    CHECK(span >= 0ms);
    CHECK(span < 5min);
    spans.insert(span);
    CHECK(*table(spec).last_due(due) == due);
    CHECK(*table(spec).last_due(due - 1ms) < utc(2026, 11, 1, 2, 15) + std::chrono::days(night));
    at = due;
  }
  CHECK(spans.size() > 40);
  timetable_spec other = spec;
  other.seed = "another state/job";
  CHECK(*table(other).next_due(utc(2026, 11, 1)) != *table(spec).next_due(utc(2026, 11, 1)));
}
