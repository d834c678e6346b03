// The status of everything, for people and for scripts. Pure; `now` is given, for "in 2 h".
#pragma once

#include <string>

#include "patchbay/model/status.hpp"

namespace patchbay {

/// One line with its line end.
[[nodiscard]] std::string status_json(const status_report& status);
[[nodiscard]] std::string status_text(const status_report& status, wall_time now);

}  // namespace patchbay
