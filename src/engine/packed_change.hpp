// A planned change as bytes for the plan's spool, and back. They live as long as the process, so
// that the form is free: lengths and texts in a row. Private to engine/. Pure.
#pragma once

#include <string>
#include <string_view>

#include "intake_rows.hpp"

namespace patchbay::intake {

[[nodiscard]] std::string pack(const planned_change& change);
[[nodiscard]] planned_change unpack(std::string_view bytes);

}  // namespace patchbay::intake
