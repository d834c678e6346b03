// What a row means in a drop that patchbay wrote itself: of an adopt the key alone stands there,
// and what it wants is what the store wants when the row is planned; of a revert each cell holds
// what is put back, and in whose place. Private to engine/; pure.
#pragma once

#include "intake_rows.hpp"
#include "patchbay/model/field.hpp"

namespace patchbay::intake {

/// Before this drop: what is wanted, or where nothing is pending, what is acknowledged.
[[nodiscard]] const value* wanted_before(const customer_levels& known, std::string_view name);

/// Fills the row in. `known`: as the store has the customer, before the API is read; nullptr: not.
void say_as_meant(parsed_row& row, const customer_levels* known, const mapping_spec& mapping,
                  drop_origin origin);

}  // namespace patchbay::intake
