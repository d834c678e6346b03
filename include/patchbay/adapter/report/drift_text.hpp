// What `patchbay verify` says, for people and for scripts. Pure.
#pragma once

#include <string>

#include "patchbay/model/drift.hpp"

namespace patchbay {

[[nodiscard]] std::string drift_json(const drift_report& told);  ///< one line
[[nodiscard]] std::string drift_text(const drift_report& told);

}  // namespace patchbay
