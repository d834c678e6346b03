#include <algorithm>

#include <doctest/doctest.h>

#include "log_bench.hpp"
#include "report_bench.hpp"

using namespace patchbay;
using namespace patchbay::report_test;
using namespace std::chrono_literals;

namespace {

const log_fields erp{{"job", "erp"}};

void fail(log_bench& bench, const std::string& text = "no answer") {
  bench.log->note(severity::warning, "attempt", text, erp);
}

std::int64_t lines_of(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("repeats: an error is said once, and after ten minutes how often it came again") {
  log_bench bench(with_format(log_format::text));
  for (int i = 0; i < 1'205; ++i) fail(bench);
  CHECK(lines_of(bench.taken()) == 1);
  bench.time.at += 10min;
  fail(bench);
  const std::string counted = bench.taken();
  CHECK(contains(counted, "no answer: said 1,204 times more in the last 10 min event=attempt"));
  CHECK(contains(counted, "repeated=1204"));
  CHECK(lines_of(counted) == 1);  // the one that asked counts for the next ten minutes
}

TEST_CASE("repeats: what is not said for ten minutes is said to be over, once") {
  log_bench bench(with_format(log_format::text));
  for (int i = 0; i < 3; ++i) fail(bench);
  bench.time.at += 10min;
  bench.log->look();
  CHECK(contains(bench.taken(), "warning: no answer: said 2 times more"));
  bench.time.at += 10min;
  bench.log->look();
  CHECK(contains(bench.taken(), "info: no longer: no answer (said 3 times in 10 min)"));
  bench.time.at += 10min;
  bench.log->look();
  CHECK(bench.taken().empty());
  fail(bench);
  CHECK(contains(bench.taken(), "warning: no answer event"));
}

TEST_CASE("repeats: an error that came once is not counted and not over") {
  log_bench bench(with_format(log_format::text));
  fail(bench);
  bench.taken();
  bench.time.at += 10min;
  bench.log->look();
  CHECK(bench.taken().empty());
  fail(bench);
  CHECK(lines_of(bench.taken()) == 1);
}

TEST_CASE(
    "repeats: other sentences, jobs, drops and levels are other errors; news are never counted") {
  log_bench bench(with_format(log_format::text));
  bench.log->note(severity::warning, "a", "x", erp);
  bench.log->note(severity::error, "a", "x", erp);
  bench.log->note(severity::warning, "b", "x", erp);
  bench.log->note(severity::warning, "a", "y", erp);
  bench.log->note(severity::warning, "a", "x", {{"job", "crm"}});
  bench.log->note(severity::warning, "a", "x", {{"job", "erp"}, {"drop", "c.csv"}});
  bench.log->note(severity::info, "a", "x", erp);
  bench.log->note(severity::info, "a", "x", erp);
  CHECK(lines_of(bench.taken()) == 8);
  bench.log->note(severity::warning, "a", "x", {{"job", "erp"}, {"request_id", "another"}});
  CHECK(bench.taken().empty());
}

TEST_CASE("repeats: memory has a bound; the oldest gives way and says its count") {
  log_bench bench(with_format(log_format::text));
  fail(bench, "the first");
  fail(bench, "the first");
  bench.taken();
  // Numbers would make no other error.
  for (std::size_t i = 1; i <= 128; ++i) fail(bench, "error " + std::string(i, 'x'));
  bench.log->look();
  CHECK(contains(bench.taken(), "the first: said 1 time more"));
  fail(bench, "the first");  // forgotten: said again
  CHECK(lines_of(bench.taken()) == 1);
}

TEST_CASE("repeats: at the end every count is said") {
  log_bench bench(with_format(log_format::text));
  for (int i = 0; i < 5; ++i) fail(bench);
  bench.taken();
  bench.time.at += 1min;
  bench.log.reset();
  CHECK(contains(bench.taken(), "no answer: said 4 times more in the last 60 s"));
}

TEST_CASE("repeats: at the level debug everything is said") {
  log_options options = with_format(log_format::text);
  options.least = severity::debug;
  log_bench bench(options);
  for (int i = 0; i < 5; ++i) fail(bench);
  CHECK(lines_of(bench.taken()) == 5);
}

TEST_CASE(
    "repeats: numbers make no other error, but a status does; the newest sentence is counted") {
  log_bench bench(with_format(log_format::text));
  bench.log->note(severity::warning, "read_failed", "silent for 12 s now", erp);
  bench.log->note(severity::warning, "read_failed", "silent for 24 s now", erp);
  CHECK(lines_of(bench.taken()) == 1);
  bench.log->note(severity::warning, "attempt", "status 500", {{"status", "500"}});
  bench.log->note(severity::warning, "attempt", "status 503", {{"status", "503"}});
  CHECK(lines_of(bench.taken()) == 2);
  bench.time.at += 10min;
  bench.log->look();
  CHECK(contains(bench.taken(), "silent for 24 s now: said 1 time more in the last 10 min"));
}

TEST_CASE("repeats: what happens is told each time, and runs that differ in a number are two") {
  log_bench bench(with_format(log_format::text));
  for (int i = 0; i < 2; ++i) {
    bench.log->note(severity::warning, "drop_held", "a.csv is held", erp);
    bench.log->note(severity::error, "configuration_kept", "the old configuration stays", {});
  }
  CHECK(lines_of(bench.taken()) == 4);
  bench.log->note(severity::warning, "run_done", "a_4.csv: 3 rejected", erp);
  bench.log->note(severity::warning, "run_done", "a_5.csv: 3 rejected", erp);
  bench.log->note(severity::warning, "run_done", "a_5.csv: 3 rejected", erp);
  CHECK(lines_of(bench.taken()) == 2);
}
