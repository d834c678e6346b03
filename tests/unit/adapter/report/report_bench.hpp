// What tests of the reports share: a run as the documentation shows it.
#pragma once

#include <algorithm>
#include <sstream>
#include <string>

#include "patchbay/adapter/report/text_layout.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay::report_test {

inline run_report sample_run() {
  run_report report;
  report.run = "20261123T021500Z-erp-customers";
  report.job = "erp-customers";
  report.outcome = run_outcome::partial;
  report.as_of = parse_utc("2026-11-23T02:15:04Z");
  report.drop.emplace();
  report.drop->job = report.job;
  report.drop->file = "customers_20261123.csv";
  report.drop->digest = "0a1b";
  report.drop->bytes = 1657;
  report.totals = {10, 6, 2, 1, 1, 0, 0};
  report.drop->totals = report.totals;
  report.planned.changed = 3;
  report.planned.fields = {{"email", 1}, {"metadata.credit_limit", 2}};
  report.requests = {3, 1, 1, 0, 0};
  report.estimate = {3, 1.0, parse_utc("2026-11-23T02:15:05Z"), true};
  report.budgets = {{"changes", "20%", "0.03%", false, ""}};
  report.rejects = {{"C-7", "customers_20261123.csv", 8, "EMAIL", "email", "VALIDATION_ERROR",
                     "email - has already been taken", "req-1"}};
  report.changes = {
      {"C-3", "xYZkjABcde", 4, {{"email", {string_value("a@x.it"), string_value("b@x.it")}}}}};
  report.started_at = parse_utc("2026-11-23T02:15:00Z");
  report.finished_at = parse_utc("2026-11-23T02:15:04Z");
  return report;
}

inline std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, width_of(line));
  return widest;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace patchbay::report_test
