#include "live_observer.hpp"

#include <fstream>

#include <doctest/doctest.h>

#include "patchbay/adapter/report/text_layout.hpp"
#include "running_file.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using namespace std::chrono_literals;

namespace {

class hand_clock final : public clock {
 public:
  [[nodiscard]] instant now() const override { return at; }
  [[nodiscard]] wall_time wall() const override {
    return wall_time(std::chrono::duration_cast<milliseconds>(at));
  }
  [[nodiscard]] std::unique_ptr<patchbay::alarm> make_alarm() override { return nullptr; }

  instant at{100s};
};

class silent_observer final : public observer {
 public:
  void note(severity, std::string_view, std::string_view, const log_fields&) override { ++notes; }
  void advance(const progress&) override { ++advances; }
  void name_customers(customer_naming) override { ++named; }

  int notes = 0;
  int advances = 0;
  int named = 0;
};

/// An observer with what it stands between.
struct watched {
  hand_clock time;
  silent_observer next;
  metrics numbers{"1", wall_time{}};
  live_observer live{next, time, numbers};

  void begin(const std::string& run) {
    live.note(severity::debug, "run_begun", "", {{"run", run}, {"job", "erp"}});
  }
  void end() { live.note(severity::debug, "run_ended", "", {{"job", "erp"}}); }
  void advance(const std::string& stage, std::int64_t done) {
    progress now;
    now.job = "erp";
    now.stage = stage;
    now.done = done;
    now.of = 10;
    live.advance(now);
  }
  [[nodiscard]] bool says(const std::string& line) const {
    return numbers.text().find(line + "\n") != std::string::npos;
  }
};

}  // namespace

TEST_CASE("live: what runs has its run, drop, stage and beginning, and is gone with its end") {
  watched all;
  all.advance("reading", 1);
  CHECK(all.live.running().empty());
  all.begin("r-1");
  all.live.note(severity::debug, "drop_begun", "", {{"job", "erp"}, {"drop", "c.csv"}});
  all.time.at += 5s;
  all.advance("delivering", 3);
  REQUIRE(all.live.running().contains("erp"));
  const running_run& run = all.live.running().at("erp");
  CHECK(run.run == "r-1");
  CHECK(run.drop == "c.csv");
  CHECK(run.stage == "delivering");
  CHECK(run.done == 3);
  CHECK(run.since == wall_time(100s));
  all.end();
  CHECK(all.live.running().empty());
  CHECK(all.next.notes == 3);
  CHECK(all.next.advances == 2);
  all.live.name_customers({});
  CHECK(all.next.named == 1);
}

TEST_CASE("live: the stages of a run with a report add up to the run") {
  watched all;
  all.begin("r-1");
  all.time.at += 2s;
  all.advance("reading", 1);
  all.time.at += 3s;
  all.advance("delivering", 1);
  all.time.at += 4s;
  all.advance("delivering", 2);
  all.time.at += 5s;
  run_report report;
  report.job = "erp";
  all.live.reported(report);
  all.end();
  CHECK(all.says(R"(patchbay_run_duration_seconds{job="erp",stage="other"} 2)"));
  CHECK(all.says(R"(patchbay_run_duration_seconds{job="erp",stage="reading"} 3)"));
  CHECK(all.says(R"(patchbay_run_duration_seconds{job="erp",stage="delivering"} 9)"));
}

TEST_CASE("live: a look that finds nothing is no run, and leaves the last one's times") {
  watched all;
  all.begin("r-1");
  all.time.at += 2s;
  all.end();
  CHECK(all.numbers.text().find("run_duration_seconds{") == std::string::npos);
}

TEST_CASE("live: others are told at the beginning, every two seconds and at the end") {
  watched all;
  std::vector<std::size_t> told;
  all.live.tell_to([&told](const auto& running) { told.push_back(running.size()); });
  all.begin("r-1");
  for (int tick = 0; tick < 50; ++tick) {
    all.advance("reading", tick);
    all.time.at += 100ms;
  }
  all.advance("delivering", 0);
  all.end();
  CHECK(told == std::vector<std::size_t>{1, 1, 1, 1, 0});
  all.live.tell_to({});
  all.begin("r-2");
  all.advance("reading", 1);
  CHECK(told.size() == 5);
}

TEST_CASE("live: an outage lasts from its first word until the API answers that kind again") {
  watched all;
  const auto say = [&all](const char* event, const char* method, const char* text) {
    all.live.note(severity::warning, event, text, {{"method", method}});
    all.time.at += 10s;
  };
  CHECK_FALSE(all.live.silent());
  say("breaker_open", "PATCH", "the next try at 5");
  say("breaker_open", "GET", "the next try at 6");
  say("breaker_open", "PATCH", "the next try at 7");
  REQUIRE(all.live.silent());
  CHECK(all.live.silent()->since == wall_time(100s));
  CHECK(all.live.silent()->why == "the next try at 7");
  say("breaker_closed", "PATCH", "");
  CHECK(all.live.silent()->since == wall_time(110s));
  say("breaker_closed", "GET", "");
  CHECK_FALSE(all.live.silent());
}

TEST_CASE("live: an outage is told with the moments of its first failure and of the next try") {
  watched all;
  all.live.note(severity::warning, "breaker_open", "for 49 s now: waiting",
                {{"method", "PATCH"},
                 {"since", "2026-11-26T21:07:02Z"},
                 {"next_try", "2026-11-26T21:08:40Z"}});
  REQUIRE(all.live.silent());
  CHECK(all.live.silent()->since == parse_utc("2026-11-26T21:07:02Z"));
  CHECK(all.live.silent()->why == "the API does not answer PATCH");
  CHECK(all.live.silent()->next_try == parse_utc("2026-11-26T21:08:40Z"));
}

TEST_CASE("live: a token that is late is waited for until the run goes on") {
  watched all;
  all.begin("r-1");
  all.live.note(severity::warning, "token_delayed", "no answer", {});
  CHECK(all.live.silent()->why == "no answer");
  all.advance("delivering", 1);
  CHECK_FALSE(all.live.silent());
}

TEST_CASE("live: only what a person must mend is a refusal") {
  watched all;
  const auto stop = [&all](const char* code) {
    all.live.note(severity::warning, "pass_stopped", code, {{"job", "erp"}, {"code", code}});
  };
  stop("DEADLINE");
  stop("API_UNREACHABLE");
  CHECK(all.live.refusal().empty());
  stop("API_FORBIDDEN");
  CHECK(all.live.refusal() == "API_FORBIDDEN");
}

TEST_CASE("running file: what is written is read by others, as long as the writer is the owner") {
  const testing::temp_folder folder;
  running_run run;
  run.run = "r-1";
  run.stage = "delivering";
  run.done = 3;
  run.of = 10;
  run.rejected = 1;
  run.per_second = 2.5;
  run.since = wall_time(100s);
  run.drop = "my drop\t1.csv";
  run.waiting_for = "the API to answer again";
  write_running(folder.path(), 42,
                {{"erp", run}, {"web", running_run{.run = "r-2", .stage = "reading"}}});
  CHECK(read_running(folder.path(), 41).empty());
  const auto found = read_running(folder.path(), 42);
  REQUIRE(found.size() == 2);
  const running_run& back = found.at("erp");
  CHECK(back.run == "r-1");
  CHECK(back.stage == "delivering");
  CHECK(back.done == 3);
  CHECK(back.of == 10);
  CHECK(back.rejected == 1);
  CHECK(back.per_second == 2.5);
  CHECK(back.since == run.since);
  CHECK(back.drop == "my drop 1.csv");
  CHECK(back.waiting_for == run.waiting_for);
  CHECK(found.at("web").drop.empty());
  write_running(folder.path(), 42, {});
  CHECK(read_running(folder.path(), 42).empty());
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("running file: one that is torn or strange says nothing") {
  const testing::temp_folder folder;
  for (const char* text :
       {"", "x", "42", "42\n", "42\nerp\tr-1", "42\nerp\tr-1\treading\t\t\t1 x 3"}) {
    CAPTURE(text);
    std::ofstream(folder.path() / "running", std::ios::trunc) << text;
    CHECK(read_running(folder.path(), 42).empty());
  }
}
