// The sections of run_text(); each gives whole lines, or nothing where it has nothing to say.
#pragma once

#include <string>

#include "patchbay/model/report.hpp"

namespace patchbay {

[[nodiscard]] std::string totals_section(const run_report& report);
/// What became of older drops' changes, in a line.
[[nodiscard]] std::string carried_line(const carried_counts& carried);
[[nodiscard]] std::string changes_section(const run_report& report);
[[nodiscard]] std::string rejects_section(const run_report& report);
[[nodiscard]] std::string skipped_section(const run_report& report);
[[nodiscard]] std::string budgets_section(const run_report& report);
[[nodiscard]] std::string sending_section(const run_report& report);
[[nodiscard]] std::string next_section(const run_report& report);
/// Held only by its place in the order of drops: nobody has to decide anything about it.
[[nodiscard]] bool waits_behind(const run_report& report);

}  // namespace patchbay
