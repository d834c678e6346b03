// The status of everything, for people and for scripts. Pure; `now` is given, for "in 2 h".
#pragma once

#include <string>
#include <string_view>

#include "patchbay/model/status.hpp"

namespace patchbay {

/// One line with its line end.
[[nodiscard]] std::string status_json(const status_report& status);
[[nodiscard]] std::string status_text(const status_report& status, wall_time now);
/// What a pass says that found nothing to do: `nothing`, and then what waits for somebody.
[[nodiscard]] std::string standing_text(const status_report& status, std::string_view nothing);

/// What the next sync or the daemon carries out first, which no plan shows; empty: nothing.
[[nodiscard]] std::string asked_for_text(const status_report& status);

/// What becomes of a job that is no longer configured.
[[nodiscard]] std::string lost_text(const lost_job& job);

}  // namespace patchbay
