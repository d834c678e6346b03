#include "patchbay/adapter/report/run_html.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "patchbay/adapter/report/run_history.hpp"
#include "report_bench.hpp"

using namespace patchbay;
using namespace patchbay::report_test;

namespace {

std::vector<run_summary> nights_before(const run_report& report, int count) {
  std::vector<run_summary> history;
  for (int night = 1; night <= count; ++night) {
    run_summary one = *summary_of(std::span(&report, 1));
    one.run = "r-" + std::to_string(night);
    one.started_at -= std::chrono::days(night);
    one.finished_at -= std::chrono::days(night);
    one.changed = 10 * night;
    history.push_back(one);
  }
  return history;
}

std::string page_of(const run_report& report, std::span<const run_summary> history = {}) {
  return run_html(std::span(&report, 1), history);
}

}  // namespace

TEST_CASE("run html: what happened, where, from what to what, and nothing from outside") {
  const std::string page = page_of(sample_run());
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(contains(page, "customers_20261123.csv"));
  CHECK(contains(page, "<del>a@x.it</del> → <ins>b@x.it</ins>"));
  CHECK(contains(page, "customers_20261123.csv:8:EMAIL"));
  CHECK(contains(page, "email - has already been taken"));
  CHECK(contains(page, "default-src 'none'"));
  for (const char* outside : {"http://", "https://", "src=", "url(", "@import", "<link"}) {
    CAPTURE(outside);
    CHECK_FALSE(contains(page, outside));
  }
}

TEST_CASE("run html: hostile cells stay text, wherever they stand") {
  run_report report = sample_run();
  const std::string hostile = "</script><script>alert(1)</script>\"'><img onerror=x>\x1b[2J";
  report.job = report.run = report.drop->file = report.reason = hostile;
  report.rejects[0] = {hostile, hostile, 8, hostile, hostile, hostile, hostile, hostile};
  report.changes[0].key = hostile;
  report.changes[0].fields = {{hostile, {string_value(hostile), string_value(hostile)}}};
  report.planned.fields = {{hostile, 1}};
  report.budgets = {{hostile, hostile, hostile, true, hostile}};
  for (const run_outcome outcome : {run_outcome::done, run_outcome::held, run_outcome::failed}) {
    report.outcome = outcome;
    if (outcome == run_outcome::failed) report.error = fault(hostile, hostile);
    const std::string page = page_of(report, nights_before(report, 3));
    CHECK_FALSE(contains(page, "<script>alert"));
    CHECK_FALSE(contains(page, "<img"));
    CHECK_FALSE(contains(page, "\x1b"));
    CHECK(page.find("</script>") == page.rfind("</script>"));
  }
}

TEST_CASE("run html: unknown, nothing and empty are told apart") {
  run_report report = sample_run();
  report.changes[0].fields = {{"a", {std::nullopt, null_value()}},
                              {"b", {null_value(), string_value("")}}};
  const std::string page = page_of(report);
  CHECK(contains(page, "unknown</span></del> → <ins><span class=soft>nothing"));
  CHECK(contains(page, "nothing</span></del> → <ins><span class=soft>empty"));
}

TEST_CASE("run history: real runs of the same job that were before, compared in a sentence") {
  const run_report report = sample_run();
  std::vector<run_summary> history = nights_before(report, 5);
  history[1].dry_run = true;
  history[2].job = "another";
  const run_summary now = *summary_of(std::span(&report, 1));
  const auto before = runs_before(now, history, 10);
  CHECK(before.size() == 3);
  CHECK(comparison(now, before) ==
        "3 customers changed; the 3 runs before had 40 in the middle, 10 to 50.");
  CHECK(comparison(now, {}).empty());
  CHECK(contains(page_of(report, history), "<svg"));
  CHECK_FALSE(contains(page_of(report), "<svg"));
  CHECK(contains(history_section(now, history), "this run"));
  CHECK(widest_line(history_section(now, history)) <= 100);
}

TEST_CASE("run html: several drops of a run are several articles with ids of their own") {
  const std::vector<run_report> drops{sample_run(), sample_run()};
  const std::string page = run_html(drops, {});
  CHECK(contains(page, "id=changes-1"));
  CHECK(contains(page, "id=changes-2"));
  CHECK(page.find("<h1>") == page.rfind("<h1>"));
}
