#include "patchbay/model/report.hpp"

namespace patchbay {

std::string_view outcome_name(run_outcome outcome) {
  switch (outcome) {
    case run_outcome::done:
      return "done";
    case run_outcome::partial:
      return "partial";
    case run_outcome::held:
      return "held";
    case run_outcome::stopped:
      return "stopped";
    case run_outcome::failed:
      return "failed";
  }
  return "failed";
}

}  // namespace patchbay
