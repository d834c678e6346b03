// The service by the calendar, on virtual time: the nights on which clocks change, nights that were
// missed, runs that last too long, deadlines and blackouts. Zone, night, expression and moments
// stand in each case; moments are UTC.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "life.hpp"
#include "patchbay/adapter/system/machine_zones.hpp"
#include "patchbay/twin/seed.hpp"
#include "scenario.hpp"
#include "temp_folder.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// "2026-03-29 01:00"
wall_time utc(const std::string& text) {
  const auto part = [&text](std::size_t at, std::size_t size) {
    return std::stoi(text.substr(at, size));
  };
  const std::chrono::year_month_day date{std::chrono::year(part(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(part(8, 2)))};
  return std::chrono::sys_days(date) + hours(part(11, 2)) + minutes(part(14, 2));
}

std::string text_of(wall_time when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<minutes>(when - day));
  const auto two = [](auto number) {
    const std::string digits = std::to_string(number);
    return digits.size() < 2 ? "0" + digits : digits;
  };
  return std::to_string(int{date.year()}) + '-' + two(unsigned{date.month()}) + '-' +
         two(unsigned{date.day()}) + ' ' + two(clock.hours().count()) + ':' +
         two(clock.minutes().count());
}

struct job_times {
  std::string zone = "UTC";
  std::string schedule = {};
  std::string deadline = {};
  std::string blackout = {};
};

std::shared_ptr<const timetable> table_of(const job_times& told) {
  timetable_spec made;
  if (!told.schedule.empty()) made.schedule = cron_schedule::parse(told.schedule).value();
  if (!told.deadline.empty()) made.deadline = parse_time_of_day(told.deadline).value();
  if (!told.blackout.empty()) made.blackouts.push_back(blackout::parse(told.blackout).value());
  const std::shared_ptr<const zone> where = machine_zones().find(told.zone);
  REQUIRE(where);
  return std::make_shared<timetable>(std::move(made), where);
}

/// A state, a spool and an API that outlive the service's lives, from a moment on.
class calendar_world {
 public:
  calendar_world(const std::string& from, const job_times& told)
      : told_(make_short_scenario()),
        zero_(utc(from)),
        time_(instant(0), zero_),
        api_(options(), twin::generated_roster(1'000)),
        wires_(time_, api_, {.fastest = milliseconds(20), .slowest = milliseconds(80)}, 1) {
    told_.config.api.average = window_limit{20, seconds(60)};  // one in three seconds
    told_.config.api.burst.reset();
    job_spec& job = told_.config.jobs.front();
    job.budgets.changes.share = 1;
    job.source.mode = drop_mode::delta;
    job.source.directory = folder_.path() / "spool";
    job.source.pattern = "drop-*.csv";
    if (!told.schedule.empty()) job.schedule = told.schedule;
    times_ = table_of(told);
    told_.config.state_path = folder_.path() / "state";
    std::filesystem::create_directories(told_.config.state_path);
    std::filesystem::create_directories(job.source.directory);
  }

  /// A delta of so many customers is dropped; its number is its name.
  void drop(const std::string& when, int number, int customers = 3) {
    at(when, [this, number, customers] {
      const std::string name = "drop-" + std::to_string(number) + ".csv";
      const std::filesystem::path spool = told_.config.jobs.front().source.directory;
      std::ofstream out(spool / (name + ".part"));
      out << "code,email,tax,segment,limit,points,group,password\n";
      for (int i = 1; i <= customers; ++i) {
        out << key_of(i) << ",v" << number << '.' << i << "@x.it,,,,,,\n";
      }
      out.close();
      std::filesystem::rename(spool / (name + ".part"), spool / name);
    });
  }
  void ask(const std::string& when, request_kind kind, const std::string& subject = {}) {
    at(when, [this, kind, subject] {
      if (life_) life_->store().leave_request({0, kind, "", subject, "operator", time_.wall()});
    });
  }
  void hold_above(int customers) {
    told_.config.jobs.front().budgets.changes = {.is_share = false, .number = customers};
  }
  void at(const std::string& when, std::function<void()> what) {
    time_.at(utc(when) - zero_, std::move(what));
  }

  void directory_goes() const { std::filesystem::rename(spool(), aside()); }
  void directory_comes() const { std::filesystem::rename(aside(), spool()); }
  /// Runs that had no drop to speak of.
  [[nodiscard]] long failures() const { return failures_; }

  void refuse(const twin::fault_rule& rule) { api_.faults().add(rule); }
  void heal() { api_.faults().clear(); }
  /// The daemon runs until then, and is drained or killed.
  void live_until(const std::string& when, bool kill = false) {
    life_parts parts{.config = told_.config,
                     .time = time_,
                     .wires = wires_,
                     .seed = ++lives_,
                     .process = static_cast<int>(lives_),
                     .times = times_,
                     .most_steps = 50'000'000,
                     .on_report = [this](const run_report& one) { hear(one); },
                     .on_note = [this](std::string_view event) { notes_.emplace_back(event); }};
    life_ = std::make_unique<life>(std::move(parts));
    bool over = false;
    at(when, [this, kill, &over] {
      over = kill;
      if (!kill) life_->drain();
    });
    (void)life_->live(std::nullopt, [&over] { return over; });
    life_.reset();
  }
  /// Nobody runs until then.
  void rest_until(const std::string& when) {
    bool come = false;
    at(when, [&come] { come = true; });
    while (!come && time_.advance()) {
    }
  }

  /// "1 at 2026-03-29 01:00, …": each drop and the minute in which its run began.
  [[nodiscard]] std::string runs() const {
    std::string all;
    for (const std::string& one : runs_) all += (all.empty() ? "" : ", ") + one;
    return all;
  }
  [[nodiscard]] long heard(const std::string& event) const {
    return std::count(notes_.begin(), notes_.end(), event);
  }
  [[nodiscard]] long patches(const std::string& from, const std::string& to) const {
    const auto& log = api_.log();
    return std::count_if(log.begin(), log.end(), [&](const twin::logged_request& one) {
      return one.kind == request_class::patch && one.at >= utc(from) && one.at < utc(to);
    });
  }

 private:
  static twin::rules_options options() {
    twin::rules_options made = make_short_scenario().api;
    made.limits = window_limits{};
    return made;
  }
  [[nodiscard]] std::filesystem::path spool() const {
    return told_.config.jobs.front().source.directory;
  }
  [[nodiscard]] std::filesystem::path aside() const { return folder_.path() / "aside"; }
  void hear(const run_report& report) {
    if (!report.drop && report.outcome == run_outcome::failed) ++failures_;
    if (!report.drop) return;
    const std::string name = report.drop->file.substr(5);
    runs_.push_back(name.substr(0, name.find('.')) + " at " + text_of(report.started_at));
  }

  testing::temp_folder folder_;
  scenario told_;
  wall_time zero_;
  virtual_clock time_;
  twin::rules api_;
  network wires_;
  std::shared_ptr<const timetable> times_;
  std::unique_ptr<life> life_;
  std::uint64_t lives_ = 0;
  std::vector<std::string> runs_;
  long failures_ = 0;
  std::vector<std::string> notes_;
};

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
