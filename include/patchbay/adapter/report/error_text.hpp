// An error that ends a command: the object of `--json` on stdout, and the line for people on
// stderr. Pure.
#pragma once

#include <span>
#include <string>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/placed_fault.hpp"

namespace patchbay {

/// One line with its line end. file, line and column only where there is a place.
[[nodiscard]] std::string error_json(const placed_fault& error);
[[nodiscard]] std::string error_json(const fault& error);
/// `file:line:column: message [CODE]`, one line each with its line end.
[[nodiscard]] std::string error_text(std::span<const placed_fault> errors);
[[nodiscard]] std::string error_text(const fault& error);

}  // namespace patchbay
