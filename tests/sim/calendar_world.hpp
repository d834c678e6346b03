// A service that lives by the calendar, on virtual time: what is dropped and asked for at which
// moment, and what was heard of it. Moments are UTC.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
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

/// "2026-03-29 01:00"
inline wall_time utc(const std::string& text) {
  const auto part = [&text](std::size_t at, std::size_t size) {
    return std::stoi(text.substr(at, size));
  };
  const std::chrono::year_month_day date{std::chrono::year(part(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(part(8, 2)))};
  return std::chrono::sys_days(date) + std::chrono::hours(part(11, 2)) +
         std::chrono::minutes(part(14, 2));
}

inline std::string text_of(wall_time when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::minutes>(when - day));
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

inline std::shared_ptr<const timetable> table_of(const job_times& told) {
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
    told_.config.api.average = window_limit{20, std::chrono::seconds(60)};  // one in three seconds
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

  /// Nothing can be claimed while `working/`, which is empty, is a file.
  void claims_fail() const {
    std::filesystem::remove(spool() / "working");
    std::ofstream(spool() / "working") << "no folder";
  }
  void claims_succeed() const { std::filesystem::remove(spool() / "working"); }
  void held_goes() const { std::filesystem::rename(spool() / "held", aside()); }
  void held_comes() const {
    std::filesystem::remove_all(spool() / "held");
    std::filesystem::rename(aside(), spool() / "held");
  }
  /// The service's wall clock is set; the API's goes on.
  void clock_is_set(nanoseconds ahead) { wall_is_ahead_ = ahead; }
  void directory_goes() const { std::filesystem::rename(spool(), aside()); }
  void directory_comes() const { std::filesystem::rename(aside(), spool()); }
  /// Runs that had no drop to speak of.
  [[nodiscard]] long failures() const { return failures_; }
  /// Reports of runs that were stopped.
  [[nodiscard]] long stops() const { return stops_; }

  void refuse(const twin::fault_rule& rule) { api_.faults().add(rule); }
  void heal() { api_.faults().clear(); }
  /// The daemon runs until then, and is drained or killed.
  void live_until(const std::string& when, bool kill = false) {
    life_parts parts{.config = told_.config,
                     .time = time_,
                     .wires = wires_,
                     .seed = ++lives_,
                     .wall_is_ahead = &wall_is_ahead_,
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
    const bool failed = report.outcome == run_outcome::failed;
    if (failed) ++failures_;
    if (report.outcome == run_outcome::stopped) ++stops_;
    if (failed || !report.drop) return;
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
  nanoseconds wall_is_ahead_{0};
  std::vector<std::string> runs_;
  long failures_ = 0;
  long stops_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace patchbay::sim
