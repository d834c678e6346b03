// A rehearsed night for people: when it would be over, what the API would refuse, what it costs.
// At most 100 columns. Pure.
#pragma once

#include <string>

#include "patchbay/model/report.hpp"

namespace patchbay {

[[nodiscard]] std::string rehearsal_text(const run_report& report);

}  // namespace patchbay
