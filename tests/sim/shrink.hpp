// Makes a failing scenario smaller while it still fails: fewer drops, rows, faults, kills, edits
// and clock steps, a calmer network. What is left is what matters.
#pragma once

#include <functional>
#include <string>

#include "scenario.hpp"

namespace patchbay::sim {

/// The smallest that was found in at most `plays` trials; `fails` plays one and says whether it
/// still fails. `told` itself must fail.
[[nodiscard]] scenario shrunk(scenario told, const std::function<bool(const scenario&)>& fails,
                              int plays);
/// What a scenario consists of, for the one who looks for the cause.
[[nodiscard]] std::string outline(const scenario& told);

}  // namespace patchbay::sim
