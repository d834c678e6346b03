#include "patchbay/engine/kept_form.hpp"

#include <algorithm>

namespace patchbay {
namespace {

void keep_values(field_values& values, const mapping_spec& mapping, const seal& sealing,
                 bool other_key) {
  // Every customer that is looked up or settled comes by here.
  const bool any_sensitive = std::ranges::any_of(mapping.fields, &field_spec::sensitive);
  for (auto at = values.begin(); at != values.end();) {
    const bool veiled = is_veiled(at->second);
    if (!veiled && !any_sensitive) {
      ++at;
      continue;
    }
    const field_spec* spec = find_field(mapping, at->first);
    const bool sensitive = spec != nullptr && spec->sensitive;
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
    const field_spec* spec = find_field(mapping, name);
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
