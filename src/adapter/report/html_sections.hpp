// The parts of the report page, each empty when there is nothing to say. Private to
// adapter/report. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "patchbay/model/report.hpp"

namespace patchbay {

[[nodiscard]] std::string html_totals(const run_report& report);
[[nodiscard]] std::string html_fields(const run_report& report);
[[nodiscard]] std::string html_budgets(const run_report& report);
[[nodiscard]] std::string html_sending(const run_report& report);
/// `number`: of the drop in its run, so that ids on the page differ.
[[nodiscard]] std::string html_rejects(const run_report& report, std::size_t number);
/// What a revert left as it is.
[[nodiscard]] std::string html_skipped(const run_report& report);
[[nodiscard]] std::string html_changes(const run_report& report, std::size_t number);
/// The run among those before it: a chart, a sentence, a table.
[[nodiscard]] std::string html_history(const run_summary& of, std::span<const run_summary> history);
/// Runs of one job as a chart, and their numbers in a table that opens; `id`: of that.
[[nodiscard]] std::string html_runs(std::span<const run_summary> newest_first, std::string_view id);

}  // namespace patchbay
