// A moment as text, where engine/ names runs and decisions. Private to engine/. Pure.
#pragma once

#include <string>

#include "patchbay/model/instant.hpp"

namespace patchbay {

[[nodiscard]] std::string moment_text(wall_time at);  ///< 2026-11-23T02:15:00Z

}  // namespace patchbay
