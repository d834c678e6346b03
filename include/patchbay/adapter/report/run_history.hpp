// Runs in a line each, so that one can be compared with those before it. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "patchbay/model/report.hpp"

namespace patchbay {

/// nullopt for no reports.
[[nodiscard]] std::optional<run_summary> summary_of(std::span<const run_report> drops);

/// Of `history` (the newest first) the real runs of the job that were before `of`, at most `most`.
[[nodiscard]] std::vector<run_summary> runs_before(const run_summary& of,
                                                   std::span<const run_summary> history,
                                                   std::size_t most);

/// "300 customers changed; the 14 runs before had 280 in the middle, 12 to 410." Empty without
/// runs to compare with, and for a run that read no drop.
[[nodiscard]] std::string comparison(const run_summary& of, std::span<const run_summary> before);

/// The same as a section of the text report: a table of the last runs.
[[nodiscard]] std::string history_section(const run_summary& of,
                                          std::span<const run_summary> history);

}  // namespace patchbay
