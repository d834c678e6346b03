#include "patchbay/adapter/report/run_text.hpp"

#include <doctest/doctest.h>

#include "patchbay/adapter/report/run_history.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "report_bench.hpp"

using namespace patchbay;
using namespace patchbay::report_test;

TEST_CASE("run text: a run with a reject says what, where and what to do") {
  const std::string text = run_text(sample_run());
  CAPTURE(text);
  CHECK(text.starts_with(
      "erp-customers · customers_20261123.csv: done, some rows rejected\n"
      "run 20261123T021500Z-erp-customers · 2026-11-23 02:15:00 UTC · took 4 s\n"));
  CHECK(contains(text,
                 "Rejected, by reason\n"
                 "  VALIDATION_ERROR: 1 row\n"
                 "    customers_20261123.csv:8:EMAIL  C-7  email\n"
                 "        email - has already been taken (request req-1)\n"));
  CHECK(contains(text, "C-3 (line 4)  a@x.it → b@x.it"));
  CHECK(contains(text, "Requests: 3 PATCH, 1 GET, 1 token"));
  CHECK(contains(text, "patchbay dead-letters list"));
  CHECK_FALSE(contains(text, "Estimate"));
}

TEST_CASE("run text: a dry run tells what would be sent, and how long it takes") {
  run_report report = sample_run();
  report.dry_run = true;
  report.outcome = run_outcome::done;
  report.totals = {12'010, 10, 0, 0, 0, 0, 12'000};
  report.rejects.clear();
  report.estimate = {12'000, 3600, parse_utc("2026-11-23T03:15:00Z"), true, {}, 12'000};
  std::string text = run_text(report);
  CHECK(contains(text, "dry run, nothing was sent"));
  CHECK(contains(text, "12,000  would be sent"));
  CHECK(contains(text,
                 "Estimate: 12,000 PATCHes, about 1 h within the API's limits, finished by "
                 "2026-11-23 03:15:00 UTC.\n"));
  report.estimate.meets_deadline = false;
  report.estimate.deadline = parse_utc("2026-11-23T03:00:00Z");
  report.estimate.fits = 9'000;
  text = run_text(report);
  for (char& c : text) c = c == '\n' ? ' ' : c;
  CHECK(
      contains(text, "AFTER the deadline: 9,000 fit before 2026-11-23 03:00:00 UTC, 3,000 remain"));
}

TEST_CASE("run text: rejects stand by reason, the most frequent first, and all are counted") {
  run_report report = sample_run();
  reject_entry often = report.rejects.front();
  often.code = "CSV_RAGGED";
  for (often.line = 9; often.line < 39; ++often.line) report.rejects.push_back(often);
  report.totals.rejected = 31;
  const std::string text = run_text(report);
  const std::size_t first = text.find("  CSV_RAGGED: 30 rows\n");
  const std::size_t second = text.find("  VALIDATION_ERROR: 1 row\n");
  CHECK(first < second);
  CHECK(second != std::string::npos);
  CHECK(contains(text, "… and 20 more"));
}

TEST_CASE("run text: a held drop names its budget and both ways out") {
  run_report report = sample_run();
  report.outcome = run_outcome::held;
  report.reason = "40% of the customers would change, the budget is 20%";
  report.budgets[0] = {"changes", "20%", "40%", true, ""};
  report.drop->file = "it's here.csv";
  const std::string text = run_text(report);
  CHECK(contains(text, "EXCEEDED"));
  CHECK(contains(text, "the budget is 20%"));
  CHECK(contains(text, "patchbay approve 'it'\\''s here.csv'"));
  CHECK(contains(text, "patchbay discard"));
}

TEST_CASE("run text: of adopt and revert it says what to do with them, not with an export") {
  run_report report = sample_run();
  report.drop->origin = drop_origin::revert;
  report.drop->file = "revert-20261123T021500Z-erp.csv";
  report.dry_run = true;
  report.outcome = run_outcome::done;
  report.totals = {1, 0, 0, 0, 0, 0, 1};
  CHECK(contains(run_text(report), "patchbay revert 20261123T021500Z-erp\n"));
  CHECK(contains(run_text(report), "waived"));
  report.dry_run = false;
  report.outcome = run_outcome::held;
  report.drop->stored_as = "held/revert-20261123T021500Z-erp-2.csv";
  const std::string held = run_text(report);
  CHECK(contains(held, "patchbay approve revert-20261123T021500Z-erp-2.csv\n"));
  CHECK_FALSE(contains(held, "export"));
  report.drop->origin = drop_origin::adopt;
  report.outcome = run_outcome::partial;
  report.totals = {4, 3, 0, 1, 0, 0, 0};
  const std::string refused = run_text(report);
  CHECK(contains(refused, "as wanted, or waiting or refused in an older drop"));
  CHECK_FALSE(contains(refused, "feedback/"));
  const result<std::vector<run_report>> kept = parse_runs(run_json(report));
  REQUIRE(kept.has_value());
  CHECK(kept->front().drop->origin == drop_origin::adopt);
}

TEST_CASE("run text: no line is wider than 100 columns, whatever the drop holds") {
  run_report report = sample_run();
  const std::string wide(400, 'w');
  report.drop->file = wide + ".csv";
  report.rejects[0].message = wide + " ü " + wide;
  report.rejects[0].file = wide;
  report.rejects[0].column = wide;
  report.changes[0].key = wide;
  report.changes[0].fields["email"] = {string_value(wide), string_value(wide)};
  report.planned.fields[wide] = 3;
  report.budgets[0].name = wide;
  report.reason = wide + " " + wide;
  report.planned.created = report.planned.absent = report.planned.unresolved = 1'000'000'000;
  report.planned.waived = 4;
  for (const run_outcome outcome : {run_outcome::done, run_outcome::held, run_outcome::stopped,
                                    run_outcome::failed, run_outcome::partial}) {
    report.outcome = outcome;
    CHECK(widest_line(run_text(report)) <= report_columns);
  }
}

TEST_CASE("run text: control characters of the drop never reach the terminal") {
  run_report report = sample_run();
  report.drop->file = "a\x1b[2Jb.csv";
  report.rejects[0].message = "x\ny\x07\xC2\x9B\xE2\x80\xAEz";
  report.changes[0].fields["email"].second = string_value("\x1b]0;x\x07");
  report.reason = "r\x1b[0m";
  const std::string text = run_text(report);
  for (const char c : text) {
    CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
  }
  CHECK_FALSE(contains(text, "\xC2\x9B"));
  CHECK_FALSE(contains(text, "\xE2\x80\xAE"));
  CHECK(contains(text, "a\\x1b[2Jb.csv"));
}

TEST_CASE("run text: of many rejects twenty are shown, and where the others are") {
  run_report report = sample_run();
  report.rejects.assign(30, report.rejects[0]);
  for (std::size_t n = 0; n < 30; ++n) report.rejects[n].line = static_cast<std::int64_t>(n) + 2;
  report.totals.rejected = 1234;
  CHECK(contains(run_text(report), "… and 1,214 more: patchbay report"));
}

TEST_CASE("run text: the rest of the rejects is where it is, and a row counts once") {
  run_report report = sample_run();
  report.rejects.push_back(report.rejects[0]);
  report.rejects.back().field = "reference";
  report.rejects.back().message = "reference - has already been taken";
  const std::string all = run_text(report);
  CHECK(contains(all, "VALIDATION_ERROR: 1 row\n"));
  CHECK_FALSE(contains(all, "more: "));
  report.totals.rejected = 1'200;
  CHECK(
      contains(run_text(report), "1,199 more: patchbay report 20261123T021500Z-erp-customers --"));
  report.truncated = true;
  report.drop->stored_as = "archive/2026-11-23/customers_20261123-2.csv";
  CHECK(contains(run_text(report), "1,199 more: feedback/customers_20261123-2.csv.rejected.csv\n"));
  report.drop.reset();
  CHECK(contains(run_text(report), "1,199 more: patchbay dead-letters list\n"));
  report.dry_run = true;
  CHECK(contains(run_text(report), "1,199 more: with --json and --all all are listed\n"));
  report.truncated = false;
  CHECK(contains(run_text(report), "1,199 more: with --json all are listed\n"));
}

TEST_CASE("run text: a change that was refused, or waits, is not told as made") {
  run_report report = sample_run();
  report.changes[0].open["email"] = row_class::rejected;
  CHECK(contains(run_text(report), "C-3 (line 4), rejected  a@x.it → b@x.it"));
  const auto kept = parse_runs(run_json(report));
  REQUIRE(kept.has_value());
  CHECK(kept->front().changes == report.changes);
}

TEST_CASE("run text: a stopped run says what is left, and no moment at which it would be done") {
  run_report report = sample_run();
  report.outcome = run_outcome::stopped;
  report.totals = {10, 6, 0, 0, 0, 0, 4};
  report.estimate = {4, 1.0, report.finished_at, true};
  const std::string text = run_text(report);
  CHECK(contains(text, "Left: 4 PATCHes, about 1 s within the API's limits.\n"));
  CHECK_FALSE(contains(text, "finished by"));
}

TEST_CASE("run text: who was not looked up is not called missing") {
  run_report report = sample_run();
  report.dry_run = true;
  report.totals = {10, 4, 0, 0, 0, 0, 6};
  report.planned.unresolved = 6;
  report.planned.not_looked_up = 4;
  const std::string text = run_text(report);
  CHECK(contains(text, "2 customers not found at the API, 4 customers not looked up\n"));
  CHECK(contains(text, "6  would be sent, or not looked up\n"));
  const auto kept = parse_runs(run_json(report));
  REQUIRE(kept.has_value());
  CHECK(kept->front().planned.not_looked_up == 4);
}

TEST_CASE("run history: work on older drops counts as done in its run, and is compared with none") {
  run_report older = sample_run();
  older.drop.reset();
  older.totals = {};
  older.planned = {};
  older.carried = {9, 7, 1, 0, 1};
  const auto summary = summary_of(std::vector<run_report>{older});
  REQUIRE(summary.has_value());
  CHECK(summary->totals.applied == 7);
  CHECK(summary->totals.rejected == 1);
  CHECK(summary->totals.pending == 1);
  CHECK(summary->drops.empty());
  run_summary before;
  before.totals.read = 10;
  before.changed = 5;
  CHECK(comparison(*summary, {&before, 1}).empty());
}

TEST_CASE("run text: unknown, empty and cleared values differ") {
  run_report report = sample_run();
  report.changes[0].fields["email"] = {std::nullopt, string_value("")};
  CHECK(contains(run_text(report), "(unknown) → \"\""));
  report.changes[0].fields["email"] = {string_value("x"), null_value()};
  CHECK(contains(run_text(report), "x → (nothing)"));
}

TEST_CASE("run text: a failed drop says why and where it lies") {
  run_report report = sample_run();
  report.outcome = run_outcome::failed;
  report.error = fault("COLUMN_MISSING", "the column EMAIL is not in the header");
  const std::string text = run_text(report);
  CHECK(contains(text, "the column EMAIL is not in the header [COLUMN_MISSING]"));
  CHECK(contains(text, "failed/"));
  report.error = fault("DROP_NOT_MOVED", "it cannot be moved to working/");
  CHECK(contains(run_text(report), "It was not taken and lies where it was."));
}
