// The honest estimate: how long the PATCHes of a plan take, backlog first, when the windows are
// all that limits. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

struct estimate_basis {
  std::int64_t requests = 0;   ///< PATCHes, backlog included
  window_limits windows = {};  ///< of PATCH; empty: unlimited
  int sessions = 8;            ///< connections that work at once
  wall_time begins{};          ///< now, or the next schedule
  std::optional<wall_time> deadline = std::nullopt;
};

/// From `begins` until the last answer. Windows that others share, retries and slow answers make
/// it longer: it is what the limits allow, not a promise.
[[nodiscard]] estimate_entry estimate_sending(const estimate_basis& basis);

}  // namespace patchbay
