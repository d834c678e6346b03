#include "in_hand.hpp"

#include <algorithm>

#include "patch_builder.hpp"

namespace patchbay {

std::optional<work_left> work_left_for(const customer_levels& customer, const mapping_spec& mapping,
                                       wall_time due) {
  if (!customer.wanted || customer.id.empty()) return std::nullopt;
  const bool proving = customer.in_doubt && customer.in_doubt->at == doubt::phase::proving;
  const bool stands = customer.wanted->counted == row_class::rejected &&
                      std::none_of(customer.dead.begin(), customer.dead.end(),
                                   [due](const dead_letter& one) { return one.next_retry <= due; });
  const field_values send = fields_to_send(customer);
  if (proving && (stands || send.empty())) {
    return work_left{need::read_back, customer.in_doubt->not_before};
  }
  if (stands) return std::nullopt;
  return work_left{needs_metadata(send, mapping) ? need::metadata_patch : need::patch, instant(0)};
}

}  // namespace patchbay
