// What `patchbay explain CUSTOMER` says, for people and for scripts. Pure.
#pragma once

#include <string>

#include "patchbay/model/explanation.hpp"

namespace patchbay {

[[nodiscard]] std::string explain_json(const explanation& told);  ///< one line
[[nodiscard]] std::string explain_text(const explanation& told);

}  // namespace patchbay
