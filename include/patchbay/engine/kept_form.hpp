// The form in which values are kept, as the configuration has it now: which fields are sensitive
// may have changed since they were kept, and the seal's key with a state that was restored without
// it. A hash that stands for nothing any more is never taken for a value: what it stood for is
// unknown, and read from the API again. Pure.
#pragma once

#include "patchbay/model/levels.hpp"
#include "patchbay/model/mapping.hpp"
#include "patchbay/port/seal.hpp"

namespace patchbay {

/// `other_key`: what was veiled so far was veiled with another key.
void keep_in_form(customer_levels& customer, const mapping_spec& mapping, const seal& sealing,
                  bool other_key);
void keep_in_form(wanted_row& wanted, const mapping_spec& mapping, const seal& sealing);

}  // namespace patchbay
