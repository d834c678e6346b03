// The side door of the simulator, under /twin/ on the same port: look at the state and the log,
// be "another system" that edits a customer, order faults. No token, counted in no window, in no
// log: the front only listens on loopback. Pure.
#pragma once

#include <string_view>

#include "patchbay/model/message.hpp"
#include "patchbay/twin/rules.hpp"

namespace patchbay::twin {

/// What the side door offers, as shown by GET /twin/ and by --help.
[[nodiscard]] std::string_view admin_guide();

[[nodiscard]] bool is_admin(const request& what);  ///< its target is below /twin/
[[nodiscard]] reply admin_answer(rules& of, const request& what, wall_time wall);

}  // namespace patchbay::twin
