// What commands that leave a request for the owner of the state have in common.
#pragma once

#include <string>

#include "patchbay/model/job.hpp"

namespace patchbay {

/// The name of the user, for the history.
[[nodiscard]] std::string who_asks();
/// "the daemon (pid 12) does it within a second", or "the next sync does it".
[[nodiscard]] std::string who_carries_out(const settings& config);

}  // namespace patchbay
