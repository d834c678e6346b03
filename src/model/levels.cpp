#include "patchbay/model/levels.hpp"

#include <algorithm>

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

bool same_values(const field_values& a, const field_values& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const auto& one, const auto& other) {
           return one.first == other.first && same(one.second, other.second);
         });
}

bool repeats_itself(const customer_levels& customer, const wanted_row& newer) {
  customer_levels then = customer;
  then.wanted = newer;
  return same_values(fields_to_send(customer), fields_to_send(then));
}

}  // namespace patchbay
