#include "own_rows.hpp"

#include <optional>
#include <utility>

#include "patchbay/engine/reverting.hpp"
#include "patchbay/engine/values_drop.hpp"

namespace patchbay::intake {
namespace {

field_values what_is_wanted(const customer_levels& known, const mapping_spec& mapping) {
  field_values wanted;
  for (const field_spec& spec : mapping.fields) {
    if (!can_be_said_again(spec)) continue;
    if (const value* one = wanted_before(known, spec.name)) wanted.emplace(spec.name, *one);
  }
  return wanted;
}

void take_cells_apart(parsed_row& row) {
  for (auto& [name, cell] : row.fields) {
    // A sensitive one holds hashes, and has been hashed with its row.
    const auto whole = row.plain.find(name);
    std::optional<put_back> said = read_put_back(whole == row.plain.end() ? cell : whole->second);
    if (!said) continue;
    if (whole != row.plain.end()) row.plain.erase(whole);
    row.replaces.emplace(name, std::move(said->from));
    cell = std::move(said->to);
  }
}

}  // namespace

const value* wanted_before(const customer_levels& known, std::string_view name) {
  if (known.wanted) {
    const auto pending = known.wanted->fields.find(name);
    if (pending != known.wanted->fields.end()) return &pending->second;
  }
  const auto held = known.acknowledged.find(name);
  return held == known.acknowledged.end() ? nullptr : &held->second;
}

void say_as_meant(parsed_row& row, const customer_levels* known, const mapping_spec& mapping,
                  drop_origin origin) {
  switch (origin) {
    case drop_origin::erp:
    case drop_origin::correction:
      return;
    case drop_origin::adopt:
      if (known != nullptr) row.fields = what_is_wanted(*known, mapping);
      return;
    case drop_origin::revert:
      take_cells_apart(row);
  }
}

}  // namespace patchbay::intake
