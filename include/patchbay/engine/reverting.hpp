// Reverting a run: of every field that it wrote, the value from before becomes wanted again. What
// was changed since, or cannot be said again, is left as it is and listed. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "patchbay/model/explanation.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

struct reversal {
  std::map<std::string, field_values> back;  ///< by key: the values from before the run
  std::vector<skipped_field> skipped;
};

/// `written`: what the run wrote in customers of this job, in its order; `now`: those customers.
[[nodiscard]] reversal reverse_run(const job_spec& job, std::span<const written_field> written,
                                   std::span<const customer_levels> now);

}  // namespace patchbay
