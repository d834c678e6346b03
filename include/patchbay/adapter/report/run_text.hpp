// The report of a run for people: on a terminal, in a mail, in a ticket. Plain UTF-8 text, no line
// over 100 columns, no colour, no control character. Pure.
#pragma once

#include <string>

#include "patchbay/model/report.hpp"

namespace patchbay {

/// What happened, why, and what to do next. Ends with a line end; reports in a row are set apart
/// by an empty line of their own.
[[nodiscard]] std::string run_text(const run_report& report);
/// The same in one line without a line end, for the log.
[[nodiscard]] std::string run_line(const run_report& report);

}  // namespace patchbay
