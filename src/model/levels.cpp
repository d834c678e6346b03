#include "patchbay/model/levels.hpp"

namespace patchbay {

field_values fields_to_send(const customer_levels& customer) {
  field_values send;
  if (customer.wanted) {
    for (const auto& [name, wanted] : customer.wanted->fields) {
      const auto known = customer.acknowledged.find(name);
      if (known == customer.acknowledged.end() || !same(known->second, wanted)) {
        send.emplace(name, wanted);
      }
    }
  }
  if (!customer.in_doubt || customer.in_doubt->at == doubt::phase::proving) return send;
  for (const std::string& name : customer.in_doubt->fields) {
    if (send.contains(name)) continue;
    if (customer.wanted) {
      if (const auto wanted = customer.wanted->fields.find(name);
          wanted != customer.wanted->fields.end()) {
        send.insert(*wanted);
        continue;
      }
    }
    if (const auto known = customer.acknowledged.find(name); known != customer.acknowledged.end()) {
      send.insert(*known);
    }
  }
  return send;
}

}  // namespace patchbay
