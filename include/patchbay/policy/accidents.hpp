// Accidents of an export that no number of changes shows: a column that is gone, one whose values
// became all the same, half of the rows missing. A drop is compared with the last admitted one of
// its kind; each detector is an entry of the budgets' list under its own name. Pure.
#pragma once

#include <optional>
#include <vector>

#include "patchbay/model/job.hpp"
#include "patchbay/model/profile.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

struct drop_comparison {
  std::optional<drop_profile> before;  ///< of the last admitted drop of this mode
  drop_profile now;
  bool snapshot = true;           ///< of deltas, only columns and encoding are compared
  std::int64_t known_before = 0;  ///< customers of the job in the store
  std::int64_t known_seen = 0;    ///< of them, those of whom this drop has a row
};

/// COLUMN_VANISHED, COLUMN_APPEARED, VALUES_EQUAL, EMPTINESS_JUMPED, ENCODING_TURNED, ROWS_FELL,
/// KEY_CHANGED: those that are on and for which there is something to compare with. Limit and value
/// are columns or shares; `detail` names columns and both sides. As with budgets, at most
/// always_allowed_rows rows are no accident.
[[nodiscard]] std::vector<budget_entry> weigh_accidents(const accident_spec& spec,
                                                        const drop_comparison& drops);

}  // namespace patchbay
