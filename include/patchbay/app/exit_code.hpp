// The exit codes that scripts are written against, and which of several counts.
#pragma once

#include <vector>

#include "patchbay/model/report.hpp"
#include "patchbay/model/stop.hpp"

namespace patchbay {

enum class exit_code : int {
  ok = 0,
  changes_pending = 2,
  rejected = 3,
  held = 4,
  stopped = 5,
  owned_by_another = 11,
  usage = 64,
  malformed = 65,
  missing = 66,
  unreachable = 69,
  bug = 70,
  disk = 74,
  temporary = 75,
  forbidden = 77,
  configuration = 78,
};

[[nodiscard]] exit_code code_of(stop_cause why);
/// Of a fault that concerns a drop as a whole, or the folder it lies in.
[[nodiscard]] exit_code code_of(const fault& why);
/// Of one report: what its outcome, or the error that failed it, means.
[[nodiscard]] exit_code code_of(const run_report& report);
/// The first that applies of 74, 70, 78, 77, 69, 75, 65, 66, 4, 5, 3, 2, 0.
[[nodiscard]] exit_code worst(const std::vector<exit_code>& codes);

}  // namespace patchbay
