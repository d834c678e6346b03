// What the store holds of the API's values, compared with the API's own.
#include <optional>

#include "evidence.hpp"
#include "patchbay/protocol/echo.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay::sim {
namespace {

std::vector<std::string> path_below_metadata(const std::string& field) {
  std::vector<std::string> path;
  for (std::size_t at = field.find('.'); at != std::string::npos;) {
    const std::size_t next = field.find('.', at + 1);
    path.push_back(field.substr(at + 1, next == std::string::npos ? next : next - at - 1));
    at = next;
  }
  return path;
}

/// nullopt: it cannot be read.
std::optional<value> held_by(const twin::customer& one, const std::string& field,
                             const twin::roster& all) {
  if (field == "password") return std::nullopt;
  if (field.starts_with("metadata.")) {
    return metadata_at(one.metadata.json, path_below_metadata(field)).value_or(null_value());
  }
  if (const value* const found = twin::attribute(one, field)) return *found;
  const twin::group* group = all.group_by_id(one.group_id);
  return group == nullptr ? null_value() : string_value(group->code);
}

}  // namespace

objections check_acknowledged(const twin::roster& customers,
                              const std::vector<customer_levels>& levels,
                              const std::set<std::pair<std::string, std::string>>& drifted) {
  objections found;
  for (const customer_levels& one : levels) {
    const twin::customer* there = one.settled() ? customers.by_id(one.id) : nullptr;
    if (there == nullptr) continue;
    for (const auto& [field, said] : one.acknowledged) {
      if (drifted.contains({one.key, field})) continue;
      const auto held = held_by(*there, field, customers);
      if (!held || same(said, *held)) continue;
      if (compare_echo(said, *held) != echo_match::different) continue;
      found.push_back("acknowledged: " + one.key + ": " + field + " is " + said.json +
                      " for us, the API holds " + held->json);
    }
  }
  return found;
}

}  // namespace patchbay::sim
