// The service by the calendar, on virtual time: the nights on which clocks change, nights that were
// missed, runs that last too long, deadlines and blackouts. Zone, night, expression and moments
// stand in each case; moments are UTC.
#include <string>

#include <doctest/doctest.h>

#include "calendar_world.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::hours;

/// Two drops, and the minutes in which they were taken; each run of the schedule takes what lies
/// there, so that a moment served twice would take the second drop too soon.
struct changing_night {
  const char* zone;
  const char* schedule;
  const char* first_drop;
  const char* second_drop;
  const char* first_run;
  const char* second_run;
};

void play(const changing_night& told) {
  CAPTURE(told.zone);
  CAPTURE(told.first_run);
  const wall_time from = utc(told.first_drop) - hours(2);
  calendar_world world(text_of(from), {.zone = told.zone, .schedule = told.schedule});
  world.drop(told.first_drop, 1);
  world.drop(told.second_drop, 2);
  world.live_until(text_of(utc(told.second_run) + hours(1)));
  CHECK(world.runs() ==
        "1 at " + std::string(told.first_run) + ", 2 at " + std::string(told.second_run));
}

}  // namespace

TEST_CASE("schedule: a moment that the clock skips has its run once, when the clock has changed") {
  // Rome, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
  play({"Europe/Rome", "30 2 * * *", "2026-03-29 00:00", "2026-03-29 01:10", "2026-03-29 01:00",
        "2026-03-30 00:30"});
  // New York, 8 March 2026: 02:00 becomes 03:00 at 07:00 UTC.
  play({"America/New_York", "30 2 * * *", "2026-03-08 06:00", "2026-03-08 07:10",
        "2026-03-08 07:00", "2026-03-09 06:30"});
  // Lord Howe, 4 October 2026: 02:00 becomes 02:30 at 15:30 UTC of the 3rd.
  play({"Australia/Lord_Howe", "15 2 * * *", "2026-10-03 15:00", "2026-10-03 15:40",
        "2026-10-03 15:30", "2026-10-04 15:15"});
  // Santiago, 6 September 2026: midnight becomes 01:00 at 04:00 UTC.
  play({"America/Santiago", "30 0 * * *", "2026-09-06 03:00", "2026-09-06 04:10",
        "2026-09-06 04:00", "2026-09-07 03:30"});
}

TEST_CASE("schedule: a moment that the clock shows twice has its run once, the first time") {
  // Rome, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC; 02:30 is 00:30 and 01:30 UTC.
  play({"Europe/Rome", "30 2 * * *", "2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 00:30",
        "2026-10-26 01:30"});
  // New York, 1 November 2026: 02:00 becomes 01:00 at 06:00 UTC; 01:30 is 05:30 and 06:30 UTC.
  play({"America/New_York", "30 1 * * *", "2026-11-01 05:00", "2026-11-01 06:00",
        "2026-11-01 05:30", "2026-11-02 06:30"});
  // Lord Howe, 5 April 2026: 02:00 becomes 01:30 at 15:00 UTC of the 4th.
  play({"Australia/Lord_Howe", "45 1 * * *", "2026-04-04 14:30", "2026-04-04 15:00",
        "2026-04-04 14:45", "2026-04-05 15:15"});
  // Santiago, 5 April 2026: midnight becomes 23:00 of the 4th at 03:00 UTC.
  play({"America/Santiago", "30 23 * * *", "2026-04-05 02:00", "2026-04-05 03:00",
        "2026-04-05 02:30", "2026-04-06 03:30"});
}

TEST_CASE("schedule: what is approved while the drop directory is away is taken in afterwards") {
  calendar_world world("2026-11-23 12:00", {});
  world.hold_above(2);
  world.drop("2026-11-23 13:00", 1);
  world.at("2026-11-23 14:00", [&world] { world.directory_goes(); });
  world.ask("2026-11-23 14:10", request_kind::approve, "drop-1.csv");
  world.at("2026-11-23 15:00", [&world] { world.directory_comes(); });
  world.live_until("2026-11-23 16:00");
  CHECK(world.runs() == "1 at 2026-11-23 13:00, 1 at 2026-11-23 15:00");
  CHECK(world.failures() == 0);
  CHECK(world.patches("2026-11-23 15:00", "2026-11-23 16:00") == 3);
}

TEST_CASE("schedule: a night that was missed is made up for once") {
  calendar_world world("2026-11-23 12:00", {.schedule = "15 2 * * *", .deadline = "06:00"});
  world.live_until("2026-11-23 20:00");
  world.drop("2026-11-24 01:00", 1);
  world.rest_until("2026-11-24 03:00");
  world.drop("2026-11-24 03:30", 2);
  world.live_until("2026-11-24 04:00");
  world.live_until("2026-11-24 05:00");  // and not again
  world.live_until("2026-11-25 03:00");
  CHECK(world.runs() == "1 at 2026-11-24 03:00, 2 at 2026-11-25 02:15");
  CHECK(world.heard("schedule_missed") == 1);
}

TEST_CASE("schedule: a night whose drop directory is away is made when it is there again") {
  calendar_world world("2026-11-23 12:00", {.schedule = "15 2 * * *", .deadline = "06:00"});
  world.drop("2026-11-24 01:00", 1);
  world.at("2026-11-24 02:00", [&world] { world.directory_goes(); });
  world.at("2026-11-24 03:00", [&world] { world.directory_comes(); });
  world.drop("2026-11-24 03:30", 2);
  world.live_until("2026-11-25 03:00");
  CHECK(world.runs() == "1 at 2026-11-24 03:00, 2 at 2026-11-25 02:15");
  CHECK(world.failures() == 1);
  CHECK(world.heard("directory_back") == 1);
}

TEST_CASE(
    "schedule: a drop that cannot be claimed fails its night once, and is taken when it can") {
  calendar_world world("2026-11-23 12:00", {.schedule = "15 2 * * *", .deadline = "06:00"});
  world.at("2026-11-23 13:00", [&world] { world.claims_fail(); });
  world.drop("2026-11-24 01:00", 1);
  world.at("2026-11-24 03:00", [&world] { world.claims_succeed(); });
  world.live_until("2026-11-24 05:00");
  CHECK(world.failures() == 1);
  CHECK(world.runs() == "1 at 2026-11-24 03:00");
  CHECK(world.heard("pass_recovered") == 0);
}

TEST_CASE("schedule: a drop that cannot be claimed keeps neither others nor the delivery waiting") {
  calendar_world world("2026-11-23 12:00", {});
  world.drop("2026-11-23 12:04", 1, 1);
  world.drop("2026-11-23 12:05", 2, 100);
  world.at("2026-11-23 12:06", [&world] { world.claims_fail(); });
  world.drop("2026-11-23 12:07", 3, 1);
  world.at("2026-11-23 12:20", [&world] { world.claims_succeed(); });
  world.drop("2026-11-23 12:21", 4, 1);
  world.live_until("2026-11-23 12:30");
  CHECK(world.failures() == 1);
  CHECK(world.patches("2026-11-23 12:05", "2026-11-23 12:11") == 100);
  CHECK(world.runs() ==
        "1 at 2026-11-23 12:04, 2 at 2026-11-23 12:05, 3 at 2026-11-23 12:20, "
        "4 at 2026-11-23 12:21");
}

TEST_CASE("schedule: a held drop whose file is away fails once, and is taken when it is back") {
  calendar_world world("2026-11-23 12:00", {});
  world.hold_above(2);
  world.drop("2026-11-23 12:05", 1, 3);
  world.at("2026-11-23 12:06", [&world] { world.held_goes(); });
  world.ask("2026-11-23 12:07", request_kind::approve, "drop-1.csv");
  world.drop("2026-11-23 12:08", 2, 1);
  world.at("2026-11-23 12:20", [&world] { world.held_comes(); });
  world.live_until("2026-11-23 12:30");
  CHECK(world.failures() == 1);
  CHECK(world.heard("drop_admitted") == 2);
}

TEST_CASE("schedule: a night that was missed is not made up for after its deadline") {
  calendar_world world("2026-11-23 12:00", {.schedule = "15 2 * * *", .deadline = "06:00"});
  world.live_until("2026-11-23 20:00");
  world.drop("2026-11-24 01:00", 1);
  world.rest_until("2026-11-24 07:00");
  world.live_until("2026-11-25 03:00");
  CHECK(world.runs() == "1 at 2026-11-25 02:15");
}

TEST_CASE("schedule: the first start begins with the next night, a changed one, too") {
  calendar_world world("2026-11-23 03:00", {.schedule = "15 2 * * *"});
  world.drop("2026-11-23 03:01", 1);
  world.live_until("2026-11-24 03:00");
  CHECK(world.runs() == "1 at 2026-11-24 02:15");
  CHECK(world.heard("schedule_missed") == 0);
}

TEST_CASE("schedule: a run that was killed is made again, and goes on") {
  calendar_world world("2026-11-23 12:00", {.schedule = "15 2 * * *", .deadline = "06:00"});
  world.drop("2026-11-23 13:00", 1, 60);
  world.live_until("2026-11-24 02:16", true);
  CHECK(world.runs().empty());
  world.drop("2026-11-24 02:20", 2);
  world.rest_until("2026-11-24 02:30");
  world.live_until("2026-11-24 05:00");
  // The night is served when its run has ended: what came meanwhile is taken with it.
  CHECK(world.runs() == "2 at 2026-11-24 02:30");
  CHECK(world.patches("2026-11-24 02:15", "2026-11-24 05:00") >= 60);
}

TEST_CASE(
    "schedule: no second run while one is on; it is told once, and a drop that waits is taken "
    "after it") {
  // 300 customers take a quarter of an hour.
  calendar_world world("2026-11-23 12:01", {.schedule = "*/5 * * * *"});
  world.drop("2026-11-23 12:02", 1, 300);
  world.drop("2026-11-23 12:12", 2);
  world.live_until("2026-11-23 13:00");
  // Of 12:10 and 12:15, and of 12:20, when the second run's PATCHes still wait for their slots.
  CHECK(world.heard("schedule_overlapped") == 3);
  CHECK(world.runs() == "1 at 2026-11-23 12:05, 2 at 2026-11-23 12:19");
}

TEST_CASE("schedule: past its deadline a job waits for its next schedule, whoever asks") {
  calendar_world world("2026-11-23 12:00", {.schedule = "15 2 * * *", .deadline = "02:20"});
  world.drop("2026-11-23 13:00", 1, 150);
  world.ask("2026-11-24 09:00", request_kind::retry_all_dead);
  world.live_until("2026-11-24 12:00");
  CHECK(world.patches("2026-11-24 02:15", "2026-11-24 02:20") == 100);
  CHECK(world.patches("2026-11-24 02:21", "2026-11-24 12:00") == 0);
  CHECK(world.heard("job_waits") == 1);
  world.live_until("2026-11-25 03:00");
  CHECK(world.patches("2026-11-25 02:15", "2026-11-25 02:20") == 50);
}

TEST_CASE(
    "schedule: a clock that is set past the deadline ends the delivery, one set back goes on") {
  calendar_world world("2026-11-23 12:00", {.schedule = "15 2 * * *", .deadline = "02:25"});
  world.drop("2026-11-24 02:00", 1, 300);
  world.at("2026-11-24 02:18", [&world] { world.clock_is_set(-std::chrono::minutes(3)); });
  world.at("2026-11-24 02:27", [&world] { world.clock_is_set(hours(1)); });
  world.live_until("2026-11-24 03:00");
  CHECK(world.patches("2026-11-24 02:25", "2026-11-24 02:27") > 20);
  CHECK(world.patches("2026-11-24 02:28", "2026-11-24 03:00") == 0);
}

TEST_CASE("schedule: a clock that is set into a blackout ends the delivery until it is over") {
  calendar_world world("2026-11-23 12:00", {.blackout = "14:00-15:00"});
  world.drop("2026-11-23 12:05", 1, 300);
  world.at("2026-11-23 12:10", [&world] { world.clock_is_set(hours(2)); });
  world.live_until("2026-11-23 14:00");
  CHECK(world.patches("2026-11-23 12:11", "2026-11-23 13:00") == 0);
  CHECK(world.patches("2026-11-23 13:00", "2026-11-23 14:00") > 100);
}

TEST_CASE("schedule: runs that a token endpoint stops before they can do anything are told once") {
  calendar_world world("2026-11-23 12:00", {});
  world.drop("2026-11-23 12:05", 1, 100);
  world.at("2026-11-23 12:06", [&world] {
    twin::fault_rule down;
    down.kind = twin::fault_kind::revoke_token;
    down.probability = 1;
    world.refuse(down);
    down.kind = twin::fault_kind::empty_503;
    down.only = request_class::token;
    world.refuse(down);
  });
  world.at("2026-11-23 12:50", [&world] { world.heal(); });
  world.live_until("2026-11-23 13:00");
  CHECK(world.heard("pass_stopped") > 3);
  CHECK(world.stops() == 2);  // the one in which it happened, and one that could not begin
  CHECK(world.heard("pass_recovered") == 1);
}

TEST_CASE("schedule: in a blackout nothing is started, and afterwards it goes on by itself") {
  calendar_world world("2026-11-23 12:00", {.blackout = "12:10-13:00"});
  world.drop("2026-11-23 12:05", 1, 150);
  world.drop("2026-11-23 12:20", 2, 2);
  world.live_until("2026-11-23 14:00");
  const long before = world.patches("2026-11-23 12:05", "2026-11-23 12:10");
  CHECK(before >= 95);
  CHECK(world.patches("2026-11-23 12:10", "2026-11-23 13:00") == 0);
  CHECK(world.patches("2026-11-23 13:00", "2026-11-23 14:00") == 152 - before);
  CHECK(world.runs() == "1 at 2026-11-23 12:05, 2 at 2026-11-23 13:00");
}

TEST_CASE("schedule: what is approved while its job delivers is taken into the run") {
  calendar_world world("2026-11-23 12:00", {});
  world.hold_above(250);
  world.drop("2026-11-23 12:05", 1, 200);
  world.drop("2026-11-23 12:06", 2, 300);
  world.ask("2026-11-23 12:08", request_kind::approve, "drop-2.csv");
  world.live_until("2026-11-23 12:14");
  CHECK(world.heard("drop_held") == 1);
  CHECK(world.heard("request_done") == 1);
  CHECK(world.heard("drop_admitted") == 2);  // though the first needs ten minutes
}

TEST_CASE("schedule: a drop that comes while its job delivers is taken into the run") {
  calendar_world world("2026-11-23 12:00", {});
  world.drop("2026-11-23 12:05", 1, 300);
  world.drop("2026-11-23 12:07", 2, 200);  // of the same customers: overtakes the first
  world.live_until("2026-11-23 13:00");
  CHECK(world.runs() == "1 at 2026-11-23 12:05, 2 at 2026-11-23 12:05");
  const long sent = world.patches("2026-11-23 12:05", "2026-11-23 13:00");
  CHECK(sent <= 380);  // not 500
  CHECK(sent >= 300);
}

TEST_CASE("letters: who was refused is tried again when he is due, also where no drop comes") {
  calendar_world world("2026-11-20 08:00", {.zone = "UTC"});
  twin::fault_rule rule;
  rule.kind = twin::fault_kind::refuse_value;
  rule.field = "email";
  rule.text = "v1.1@x.it";
  world.refuse(rule);
  world.drop("2026-11-20 09:00", 1, 1);
  world.at("2026-11-20 12:00", [&world] { world.heal(); });
  world.live_until("2026-11-22 12:00");
  // With the next round, and a day after that.
  CHECK(world.patches("2026-11-20 09:00", "2026-11-20 12:00") == 2);
  CHECK(world.patches("2026-11-20 12:00", "2026-11-22 12:00") == 1);
}

}  // namespace patchbay::sim
