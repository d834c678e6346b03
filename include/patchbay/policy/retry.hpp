// When a refused or unanswered record is tried again: within a run by capped exponential back-off
// with full jitter, across runs with growing pauses. Pure: randomness comes in as a number.
#pragma once

#include "patchbay/model/instant.hpp"
#include "patchbay/model/job.hpp"

namespace patchbay {

/// Pause before try `attempt` + 1, uniform between 0 and min(cap, base * 2^(attempt-1)).
/// `attempt` counts from 1; `share` is uniform in [0, 1).
[[nodiscard]] nanoseconds back_off(int attempt, const retry_spec& spec, double share);

/// When a dead letter that was refused `times` times is due: the next run, then after
/// 1, 2, 4 … 28 days.
[[nodiscard]] wall_time next_retry(int times, wall_time now);

}  // namespace patchbay
