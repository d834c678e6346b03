// What a PATCH body asks for, whether it is allowed, and what the customer is afterwards. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/twin/fault_plan.hpp"
#include "patchbay/twin/resource.hpp"
#include "patchbay/twin/roster.hpp"

namespace patchbay::twin {

/// Changes customer `id` as `body` says, `updated_at` included, or tells why not, in the API's
/// order: 400 (one entry), 404, 422 (all that is wrong). `met` are the faults of this request;
/// of them not_applied, lower_case_email and refuse_value have an effect here. Empty: changed.
[[nodiscard]] std::vector<api_error> change_customer(roster& in, std::string_view id,
                                                     std::string_view body, wall_time wall,
                                                     const std::vector<fault_rule>& met);

/// The body as the log may keep it: a password's value is not in it.
[[nodiscard]] std::string masked_body(std::string_view body);

}  // namespace patchbay::twin
