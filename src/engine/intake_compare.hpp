// Compares a row with its customer's levels: unchanged, or what is staged. Pure: the heart of the
// diff, so that it can be tested without a drop, a store or a loop. Private to engine/.
#pragma once

#include "intake_rows.hpp"
#include "patchbay/model/field.hpp"
#include "patchbay/port/seal.hpp"

namespace patchbay::intake {

struct compare_rules {
  const mapping_spec& mapping;
  const seal& sealing;
  wall_time now;  ///< decides whether a dead letter is due again
  drop_origin origin = drop_origin::erp;
};

/// True when a readable field that the row speaks of was never read from the API: unknown is not
/// null, so the customer must be read before it is compared.
[[nodiscard]] bool needs_read(const parsed_row& row, const customer_levels& known,
                              const mapping_spec& mapping);

/// `staged.wanted.drop` is left 0 until the admit.
[[nodiscard]] compared_row compare(const parsed_row& row, const customer_levels& known,
                                   const compare_rules& rules);

[[nodiscard]] const field_spec& spec_of(const mapping_spec& mapping, std::string_view name);

}  // namespace patchbay::intake
