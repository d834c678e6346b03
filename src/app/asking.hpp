// What commands that leave a request for the owner of the state have in common.
#pragma once

#include <string>

#include "patchbay/model/job.hpp"

namespace patchbay {

/// The name of the user, for the history.
[[nodiscard]] std::string who_asks();
/// Whoever owns the state now, and when; or the next run.
[[nodiscard]] std::string who_carries_out(const settings& config);

}  // namespace patchbay
