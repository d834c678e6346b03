// A night on a virtual clock: the real admit, windows, dispatch, retry and settle, on a store in
// memory, against the twin's rules with the customers as the state knows them. Hours pass in
// seconds; nothing is sent, and the state is only read.
#pragma once

#include "patchbay/app/composition.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

/// The run as it would go, begun at `begins`. `made` was planned offline and would be admitted.
/// Customers never seen before: their look-ups are counted, what they hold is not known.
[[nodiscard]] run_report rehearse_night(composition& real, const job_spec& job, plan& made,
                                        wall_time begins);

}  // namespace patchbay
