// The report of a run as one HTML file that needs nothing else: for a browser, a phone, a mail's
// attachment. No external resource, everything foreign escaped, its one script named by hash in
// its Content-Security-Policy; without the script everything but the search is there. Pure.
#pragma once

#include <span>
#include <string>

#include "patchbay/model/report.hpp"

namespace patchbay {

/// `drops`: the reports of one run, at least one. `history`: runs of the same job for comparison,
/// the newest first; the run itself may be among them.
[[nodiscard]] std::string run_html(std::span<const run_report> drops,
                                   std::span<const run_summary> history);

}  // namespace patchbay
