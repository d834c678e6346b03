#include "patchbay/engine/kept_form.hpp"

#include <algorithm>

namespace patchbay {
namespace {

const field_spec* spec_in(const mapping_spec& mapping, const std::string& name) {
  const auto found = std::find_if(mapping.fields.begin(), mapping.fields.end(),
                                  [&name](const field_spec& one) { return one.name == name; });
  return found == mapping.fields.end() ? nullptr : &*found;
}

void keep_values(field_values& values, const mapping_spec& mapping, const seal& sealing,
                 bool other_key) {
  for (auto at = values.begin(); at != values.end();) {
    const field_spec* spec = spec_in(mapping, at->first);
    const bool sensitive = spec != nullptr && spec->sensitive;
    const bool veiled = is_veiled(at->second);
    if (veiled && spec != nullptr && (!sensitive || other_key)) {
      at = values.erase(at);
      continue;
    }
    if (sensitive && !veiled) at->second = sealing.veil(at->second);
    ++at;
  }
}

}  // namespace

void keep_in_form(customer_levels& customer, const mapping_spec& mapping, const seal& sealing,
                  bool other_key) {
  for (field_values* each : {&customer.acknowledged, &customer.echoed, &customer.waived}) {
    keep_values(*each, mapping, sealing, other_key);
  }
}

void keep_in_form(wanted_row& wanted, const mapping_spec& mapping, const seal& sealing) {
  for (auto& [name, held] : wanted.fields) {
    const field_spec* spec = spec_in(mapping, name);
    if (spec == nullptr) continue;
    const auto sealed = wanted.sealed.find(name);
    if (spec->sensitive && sealed == wanted.sealed.end() && !is_veiled(held)) {
      wanted.sealed.emplace(name, sealing.close(held));
      held = sealing.veil(held);
    } else if (!spec->sensitive && sealed != wanted.sealed.end()) {
      const result<value> plain = sealing.open(sealed->second);
      if (!plain) continue;
      held = *plain;
      wanted.sealed.erase(sealed);
    }
  }
}

}  // namespace patchbay
