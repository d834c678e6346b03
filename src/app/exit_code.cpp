#include "patchbay/app/exit_code.hpp"

#include <algorithm>
#include <array>

namespace patchbay {

exit_code code_of(stop_cause why) {
  switch (why) {
    case stop_cause::drained:
    case stop_cause::deadline:
      return exit_code::stopped;
    case stop_cause::unreachable:
      return exit_code::unreachable;
    case stop_cause::temporary:
      return exit_code::temporary;
    case stop_cause::forbidden:
      return exit_code::forbidden;
    case stop_cause::secret:
      return exit_code::configuration;
    case stop_cause::misused:
      return exit_code::bug;
  }
  return exit_code::bug;
}

exit_code code_of(const fault& why) {
  for (const char* absent : {"DROP_MISSING", "DROP_NOT_HELD", "RUN_UNKNOWN", "RUN_WROTE_NOTHING"}) {
    if (why.code == absent) return exit_code::missing;
  }
  if (why.code == "JOB_UNKNOWN" || why.code == "JOB_AMBIGUOUS") return exit_code::usage;
  if (why.code == "DROP_CHANGED") return exit_code::temporary;
  if (why.code == "FOLDER_MISSING" || why.code == "FOLDER_UNUSABLE") {
    return exit_code::configuration;
  }
  if (why.code == "STATE_NOT_WRITTEN" || why.code == "DROP_NOT_MOVED") return exit_code::disk;
  return exit_code::malformed;
}

exit_code code_of(const run_report& report) {
  switch (report.outcome) {
    case run_outcome::done:
      return exit_code::ok;
    case run_outcome::partial:
      return exit_code::rejected;
    case run_outcome::held:
      return exit_code::held;
    case run_outcome::stopped:
      return exit_code::stopped;
    case run_outcome::failed:
      return report.error ? code_of(*report.error) : exit_code::malformed;
  }
  return exit_code::bug;
}

exit_code worst(const std::vector<exit_code>& codes) {
  constexpr std::array order{
      exit_code::disk,      exit_code::bug,         exit_code::configuration,
      exit_code::forbidden, exit_code::unreachable, exit_code::temporary,
      exit_code::malformed, exit_code::missing,     exit_code::held,
      exit_code::stopped,   exit_code::rejected,    exit_code::changes_pending,
  };
  for (const exit_code code : order) {
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return code;
  }
  return exit_code::ok;
}

}  // namespace patchbay
