#include "intake_compare.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "own_rows.hpp"
#include "patchbay/engine/reverting.hpp"

namespace patchbay::intake {
namespace {

const value* find(const field_values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second;
}

bool in_doubt(const customer_levels& known, std::string_view name) {
  if (!known.in_doubt) return false;
  const std::vector<std::string>& fields = known.in_doubt->fields;
  return std::find(fields.begin(), fields.end(), name) != fields.end();
}

/// What the row says of the fields, once waivers and first values are set apart.
struct statement {
  field_values said;      ///< the API's own form of a value counts as the value asked for
  field_values baseline;  ///< first values of fields that cannot be read
  field_values waivers;   ///< those that go on
  bool waived = false;
  std::vector<skipped_field> skipped;
};

/// Of a revert: why a field stays as it is; empty: it is put back.
std::string why_not_back(const parsed_row& row, const std::string& name,
                         const customer_levels& known) {
  const value* from = find(row.replaces, name);
  if (from == nullptr) return "the drop does not say which value it replaces";
  return why_it_stays(known, name, *from);
}

statement read_statement(const parsed_row& row, const customer_levels& known,
                         const mapping_spec& mapping, drop_origin origin) {
  statement made;
  made.waivers = known.waived;
  for (const auto& [name, read] : row.fields) {
    if (origin == drop_origin::revert) {
      std::string why = why_not_back(row, name, known);
      if (!why.empty()) {
        made.skipped.push_back({row.key, name, std::move(why)});
        continue;
      }
    }
    const value* waiver = find(known.waived, name);
    // What patchbay says itself ends no waiver: only the ERP can say something new.
    if (waiver != nullptr && !is_values_drop(origin)) {
      if (same(*waiver, read)) {
        made.waived = true;
        continue;
      }
      made.waivers.erase(name);  // the ERP says something new: the waiver ends
    }
    const field_spec& spec = spec_of(mapping, name);
    const bool first = wanted_before(known, name) == nullptr && !in_doubt(known, name);
    if (first && !spec.readable() && !spec.initial_send) {
      made.baseline.emplace(name, read);
      continue;
    }
    const value* echoed = find(known.echoed, name);
    const value* acknowledged = find(known.acknowledged, name);
    const bool only_form = echoed != nullptr && acknowledged != nullptr && same(*echoed, read);
    made.said.emplace(name, only_form ? *acknowledged : read);
  }
  return made;
}

/// A revert: the ERP's value is waived where another is put in its place, and no longer where it
/// comes back.
void waive_reverted(statement& says, const customer_levels& known) {
  for (const auto& [name, read] : says.said) {
    const value* waived = find(known.waived, name);
    const value* erp_says = waived != nullptr ? waived : wanted_before(known, name);
    if (erp_says == nullptr) continue;
    if (same(*erp_says, read)) {
      says.waivers.erase(name);
    } else {
      says.waivers.insert_or_assign(name, *erp_says);
    }
  }
}

/// The very values that were refused, before their next try. Once it is due the row is pending;
/// its letters go on counting.
bool refused_again(const customer_levels& known, const wanted_row& wanted, wall_time now) {
  if (!known.wanted || known.wanted->counted != row_class::rejected || known.dead.empty()) {
    return false;
  }
  const bool due = std::any_of(known.dead.begin(), known.dead.end(),
                               [now](const dead_letter& dead) { return dead.next_retry <= now; });
  return !due && repeats_itself(known, wanted);
}

/// A customer that is not settled: everything the row says, and what is still pending from before
/// about which it says nothing, so that a settle in between cannot undo either.
field_values wanted_of_unsettled(const customer_levels& known, const field_values& said) {
  field_values fields = said;
  if (known.wanted) fields.insert(known.wanted->fields.begin(), known.wanted->fields.end());
  return fields;
}

field_values differing(const customer_levels& known, const field_values& said) {
  field_values fields;
  for (const auto& [name, read] : said) {
    const value* acknowledged = find(known.acknowledged, name);
    if (acknowledged == nullptr || !same(*acknowledged, read)) fields.emplace(name, read);
  }
  return fields;
}

/// A drop of ours speaks only where it changes something: what an older drop waits for, or was
/// refused, stays that drop's.
bool says_nothing_new(const customer_levels& known, const field_values& said) {
  return std::all_of(said.begin(), said.end(), [&known](const auto& one) {
    const value* before = wanted_before(known, one.first);
    return before != nullptr && same(*before, one.second);
  });
}

/// The sealed form of a value that goes on waiting, whatever this row's mapping knows of the field.
const std::string* still_sealed(const customer_levels& known, const std::string& name,
                                const value& wanted) {
  if (!known.wanted) return nullptr;
  const auto kept = known.wanted->sealed.find(name);
  const value* before = find(known.wanted->fields, name);
  const bool same_value = before != nullptr && same(*before, wanted);
  return kept != known.wanted->sealed.end() && same_value ? &kept->second : nullptr;
}

sealed_values seal_wanted(const field_values& fields, const parsed_row& row,
                          const customer_levels& known, const compare_rules& rules) {
  sealed_values sealed;
  for (const auto& [name, wanted] : fields) {
    if (const value* plain = find(row.plain, name)) {
      sealed.emplace(name, rules.sealing.close(*plain));
    } else if (const std::string* kept = still_sealed(known, name, wanted)) {
      sealed.emplace(name, *kept);
    }
  }
  return sealed;
}

row_class class_of(const customer_levels& known, const wanted_row& wanted, wall_time now) {
  if (refused_again(known, wanted, now)) return row_class::rejected;
  customer_levels then = known;
  then.wanted = wanted;
  const bool nothing = fields_to_send(then).empty() && !known.in_doubt;
  return nothing ? row_class::unchanged : row_class::pending;
}

bool is_nothing(const value& one) {
  return is_null(one) || one.json == "[]";
}

/// Fields whose wanted value this drop changes, as they may be shown.
void tell_changes(planned_change& change, const parsed_row& row, const customer_levels& known,
                  const mapping_spec& mapping) {
  const value masked = string_value("***");
  for (const auto& [name, wanted] : change.staged.wanted.fields) {
    const value* before = wanted_before(known, name);
    if (before != nullptr && same(*before, wanted)) continue;
    change.changes_wanted = true;
    const value* plain = find(row.plain, name);
    if (is_nothing(plain != nullptr ? *plain : wanted)) change.clears.push_back(name);
    std::optional<value> from;
    const value* acknowledged = find(known.acknowledged, name);
    if (acknowledged != nullptr) from = *acknowledged;
    // What was still to be sent is taken back.
    if (acknowledged != nullptr && before != nullptr && same(*acknowledged, wanted)) from = *before;
    value to = wanted;
    if (spec_of(mapping, name).sensitive) {
      if (from) from = masked;
      to = masked;
    }
    change.shown.fields.emplace(name, std::pair(std::move(from), std::move(to)));
  }
}

}  // namespace

const field_spec& spec_of(const mapping_spec& mapping, std::string_view name) {
  for (const field_spec& spec : mapping.fields) {
    if (spec.name == name) return spec;
  }
  // A field that is pending from an older configuration: treated as a plain one.
  static const field_spec unmapped;
  return unmapped;
}

bool needs_read(const parsed_row& row, const customer_levels& known, const mapping_spec& mapping) {
  return std::any_of(row.fields.begin(), row.fields.end(), [&](const auto& field) {
    return find(known.acknowledged, field.first) == nullptr &&
           spec_of(mapping, field.first).readable();
  });
}

compared_row compare(const parsed_row& row, const customer_levels& known,
                     const compare_rules& rules) {
  statement says = read_statement(row, known, rules.mapping, rules.origin);
  if (rules.origin == drop_origin::revert) waive_reverted(says, known);
  compared_row made;
  made.waived = says.waived;
  made.skipped = std::move(says.skipped);
  const bool settled = known.settled();
  field_values fields =
      settled ? differing(known, says.said) : wanted_of_unsettled(known, says.said);
  const bool waivers_change = !same_values(says.waivers, known.waived);
  const bool nothing_new =
      settled ? fields.empty() : is_values_drop(rules.origin) && says_nothing_new(known, says.said);
  if (nothing_new && says.baseline.empty() && !waivers_change) return made;

  planned_change change;
  change.staged.key = change.shown.key = row.key;
  change.staged.id = change.shown.id = known.id;
  change.staged.baseline = std::move(says.baseline);
  change.staged.waived = std::move(says.waivers);
  wanted_row& wanted = change.staged.wanted;
  wanted.line = change.shown.line = row.line;
  wanted.sealed = seal_wanted(fields, row, known, rules);
  wanted.fields = std::move(fields);
  wanted.line_print = row.line_print;
  wanted.canonical_print = row.canonical_print;
  wanted.counted = class_of(known, wanted, rules.now);
  change.was_pending = known.wanted && known.wanted->counted == row_class::pending;
  tell_changes(change, row, known, rules.mapping);
  made.change = std::move(change);
  return made;
}

}  // namespace patchbay::intake
