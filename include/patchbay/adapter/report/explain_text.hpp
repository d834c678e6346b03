// What `patchbay explain CUSTOMER` says, for people and for scripts. Pure; `now` is given, for "in
// 2 h".
#pragma once

#include <string>

#include "patchbay/model/explanation.hpp"

namespace patchbay {

[[nodiscard]] std::string explain_json(const explanation& told);  ///< one line
[[nodiscard]] std::string explain_text(const explanation& told, wall_time now);

}  // namespace patchbay
