// A planned drop: what was found, what is to be told, and what the admit needs. Private to
// engine/; others hold it as `plan` and see its report.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "intake_ledger.hpp"
#include "intake_read.hpp"
#include "intake_resolve.hpp"
#include "intake_scan.hpp"
#include "patchbay/engine/intake.hpp"

namespace patchbay {

class plan {
 public:
  run_report report;
  std::unique_ptr<intake::drop_scan> scan;
  intake::row_ledger ledger;
  std::vector<learned_customer> learned;
  std::vector<fingerprint> drifted;  ///< of `learned`, those whose line is no longer settled
  intake::group_ids new_groups;      ///< code → id, read from the API
};

namespace intake {

/// What the store and the clock add to what the drop says.
struct plan_figures {
  std::int64_t known_before = 0;     ///< customers of the job in the store
  std::int64_t present_before = 0;   ///< customers in the snapshot that was admitted last
  std::int64_t known_seen = 0;       ///< of them, those of whom this drop has a row
  std::int64_t pending_before = 0;   ///< rows of older drops that still wait for their PATCH
  std::optional<drop_profile> last;  ///< of the drop of this mode that was admitted last
  wall_time now{};
  bool snapshot = true;
};

/// The report of a plan whose rows are all judged: totals, lists, budgets, estimate, outcome.
void complete_report(plan& made, const job_spec& job, const plan_figures& figures,
                     const plan_options& options);

/// The drop as a whole is refused (65, 66), or held because there is nothing in it (DROP_EMPTY).
void refuse_drop(plan& made, const fault& why, const plan_options& options);

}  // namespace intake
}  // namespace patchbay
