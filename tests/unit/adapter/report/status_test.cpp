#include <doctest/doctest.h>

#include "patchbay/adapter/report/error_text.hpp"
#include "patchbay/adapter/report/letters_text.hpp"
#include "patchbay/adapter/report/status_text.hpp"
#include "report_bench.hpp"

using namespace patchbay;
using namespace patchbay::report_test;
using namespace std::chrono_literals;

namespace {

const wall_time now = parse_utc("2026-11-23T12:00:00Z");

status_report sample_status() {
  status_report status;
  status.jobs.emplace_back();
  job_status& job = status.jobs.back();
  job.name = "erp";
  job.next_run = now + 2h;
  job.pending = 3;
  job.dead_letters = 1;
  job.held.push_back({"c.csv", "too much changes", {{"changes", "20%", "40%", true, ""}}});
  status.windows.push_back({request_class::patch, {200, 60s}, 12});
  status.owner = owner_status{42, now - 1h};
  status.runs.push_back({"r-1", "erp", "held", false, now - 1h, now});
  return status;
}

dead_letter sample_letter() {
  dead_letter letter;
  letter.job = "erp";
  letter.key = "C-7";
  letter.file = "c.csv";
  letter.line = 8;
  letter.column = "EMAIL";
  letter.field = "email";
  letter.code = "VALIDATION_ERROR";
  letter.message = "email - has already been taken";
  letter.request_id = "req-1";
  letter.attempts = 2;
  letter.since = now - 24h;
  letter.next_retry = now + 1h;
  return letter;
}

}  // namespace

TEST_CASE("status: says why a job with work waits, and until when") {
  status_report status = sample_status();
  job_status& job = status.jobs.back();
  job.paused = job_pause{"deadline", now + 14h};
  CHECK(status_json(status).find(
            R"("paused":{"reason":"deadline","until":"2026-11-24T02:00:00Z"})") !=
        std::string::npos);
  const std::string words = "its deadline has passed: nothing is started until 2026-11-24";
  CHECK(status_text(status, now).find(words) != std::string::npos);
  job.pending = 0;
  CHECK(status_text(status, now).find("deadline") == std::string::npos);
  job.paused->reason = "blackout";
  CHECK(status_text(status, now).find("blackout: nothing is started until") != std::string::npos);
}

TEST_CASE("status: JSON has the members that scripts rely on") {
  CHECK(
      status_json(sample_status()) ==
      R"({"schema_version":1,"jobs":[{"name":"erp","next_run":"2026-11-23T14:00:00Z",)"
      R"("last_success":null,"pending":3,"dead_letters":1,"waived":0,)"
      R"("held":[{"drop":"c.csv","reason":"too much changes","exceeded":[{"name":"changes","limit":"20%","value":"40%"}]}],)"
      R"("waiting":[],"running":null,"oldest_pending":null,"letters_by_code":{},"paused":null,"owing":[],"dropped":null,"away":null,"claimed":[],"refused_rows":null}],"windows":[{"method":"PATCH","requests":200,"per_s":60.0,"used":12}],)"
      R"("owner":{"pid":42,"since":"2026-11-23T11:00:00Z"},)"
      R"("runs":[{"run":"r-1","job":"erp","outcome":"held","dry_run":false,)"
      R"("started_at":"2026-11-23T11:00:00Z","finished_at":"2026-11-23T12:00:00Z"}],"asked":[],"lost_jobs":[]})"
      "\n");
  CHECK(contains(status_json({}), R"("owner":null)"));
}

TEST_CASE("status: text says what is held and how to decide") {
  const std::string text = status_text(sample_status(), now);
  CHECK(contains(text, "next run      2026-11-23 14:00:00 UTC (in 2 h)"));
  CHECK(contains(text, "last success  never"));
  CHECK(contains(text, "patchbay approve c.csv"));
  CHECK(contains(text, "12 of 200 used in 60 s"));
  CHECK(contains(text, "in use by process 42"));
  CHECK(widest_line(text) <= report_columns);
}

TEST_CASE(
    "status: text says what waits, since when, why the last run stopped, and who asked what") {
  status_report status = sample_status();
  job_status& job = status.jobs.back();
  job.oldest_pending = now - 3h;
  job.owing = {{"a.csv", 2}, {"b.csv", 1}};
  job.dropped = {"d.csv", "e.csv"};
  job.claimed = {"f.csv"};
  job.refused = refused_rows{"b.csv", 4};
  run_summary last;
  last.job = "erp";
  last.outcome = run_outcome::stopped;
  last.finished_at = now - 5min;
  last.reason =
      "the API gives no good answer, and api.retry.give_up has passed: nothing is "
      "lost, the next run goes on";
  status.history.push_back(last);
  status.asked = {{"approve", "c.csv", false, "anna", now - 3s},
                  {"retry", "C-7", true, "anna", now - 2s}};
  const std::string text = status_text(status, now);
  CAPTURE(text);
  CHECK(contains(text,
                 "pending       3 customers, the oldest since 2026-11-23 09:00:00 UTC (3 h ago)"));
  CHECK(contains(text, "of a.csv 2, b.csv 1\n"));
  CHECK(contains(text, "dropped       d.csv, e.csv   not taken in yet\n"));
  CHECK(contains(text, "claimed       f.csv   not taken in yet\n"));
  CHECK(contains(text, "refused rows  4 of b.csv   feedback/b.csv.rejected.csv\n"));
  CHECK(contains(text, "last run      stopped, 2026-11-23 11:55:00 UTC (5 min ago)\n"));
  CHECK(contains(text, "  the last run stopped: the API gives no good answer, and"));
  CHECK(contains(text, "asked for, not carried out yet\n  approve c.csv"));
  CHECK(contains(text, "retry the dead letters of C-7"));
  CHECK(contains(text, "by anna"));
  CHECK(widest_line(text) <= report_columns);
  const std::string json = status_json(status);
  CHECK(contains(
      json,
      R"("owing":[{"drop":"a.csv","pending":2},{"drop":"b.csv","pending":1}],)"
      R"("dropped":["d.csv","e.csv"],"away":null,"claimed":["f.csv"],"refused_rows":{"drop":"b.csv","rows":4})"));
  // Everybody of the machine may read it.
  CHECK(contains(json, R"({"what":"retry","subject":null,"who":"anna")"));
  CHECK_FALSE(contains(json, "C-7"));
}

TEST_CASE("status: a pass that found nothing to do names what waits for somebody") {
  status_report status;
  status.jobs.resize(2);
  CHECK(standing_text(status, "Nothing") == "Nothing: in sync.\n");
  status.jobs[0].held.resize(1);
  status.jobs[0].waiting.resize(2);
  status.jobs[0].dead_letters = 2;
  status.jobs[1].dead_letters = 1;
  status.jobs[1].refused = refused_rows{"b.csv", 4};
  std::string text = standing_text(status, "Nothing");
  for (char& c : text) c = c == '\n' ? ' ' : c;
  CHECK(text ==
        "Nothing; 1 drop is held, 2 drops wait behind (patchbay status), 3 customers have dead "
        "letters (patchbay dead-letters list), 4 rows of b.csv were refused "
        "(feedback/b.csv.rejected.csv). ");
}

TEST_CASE("status: a running job shows its stage and how far it is") {
  status_report status = sample_status();
  status.jobs[0].running = running_run{"r-2", "delivering", 1'200, 12'000, now};
  CHECK(contains(status_text(status, now), "delivering 1,200 of 12,000, run r-2"));
  CHECK(contains(status_json(status),
                 R"("running":{"run":"r-2","stage":"delivering","done":1200,"of":12000,)"));
}

TEST_CASE("dead letters: JSON and text say file, line, column, field, code and request id") {
  const dead_letter letter = sample_letter();
  CHECK(dead_letters_json({&letter, 1}) ==
        R"({"schema_version":1,"dead_letters":[{"key":"C-7","id":null,"job":"erp","drop":"c.csv",)"
        R"("line":8,"column":"EMAIL","field":"email","code":"VALIDATION_ERROR",)"
        R"("message":"email - has already been taken","request_id":"req-1","attempts":2,)"
        R"("since":"2026-11-22T12:00:00Z","next_retry":"2026-11-23T13:00:00Z"}]})"
        "\n");
  const std::string list = dead_letters_text({&letter, 1}, now);
  CHECK(contains(list, "C-7  email  c.csv:8:EMAIL\n"));
  CHECK(contains(list, "tried 2 times, next try 2026-11-23 13:00:00 UTC (in 1 h)"));
  CHECK(contains(list, "1 dead letter\n"));
  CHECK(contains(dead_letter_text(letter, now), "request id  req-1"));
  CHECK(dead_letters_text({}, now) == "There are no dead letters.\n");
  CHECK(dead_letters_json({}) == "{\"schema_version\":1,\"dead_letters\":[]}\n");
}

TEST_CASE("errors: JSON shows the place only where there is one") {
  placed_fault error;
  error.code = "CONFIG_UNKNOWN_KEY";
  error.message = "unknown key";
  CHECK(error_json(error) ==
        "{\"schema_version\":1,\"error\":{\"code\":\"CONFIG_UNKNOWN_KEY\","
        "\"message\":\"unknown key\"}}\n");
  error.file = "/etc/p.yaml";
  error.line = 12;
  error.column = 3;
  CHECK(error_json(error) ==
        "{\"schema_version\":1,\"error\":{\"code\":\"CONFIG_UNKNOWN_KEY\","
        "\"message\":\"unknown key\",\"file\":\"/etc/p.yaml\",\"line\":12,\"column\":3}}\n");
  CHECK(error_text({&error, 1}) == "/etc/p.yaml:12:3: unknown key [CONFIG_UNKNOWN_KEY]\n");
  CHECK(error_text(fault("A", "b")) == "b [A]\n");
}
