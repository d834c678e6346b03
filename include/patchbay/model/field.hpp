// A field of a customer as the configuration maps it: where it comes from in the drop, how its
// cell becomes a value, where it goes in the API. Filled by app/settings, read by everyone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/value.hpp"

namespace patchbay {

/// Where a field lives in the API's resource (its writable members).
enum class field_kind { attribute, password, metadata, customer_group, tags, gdpr_trigger };

enum class field_type { string, integer, decimal, boolean, date, datetime, json };
enum class transform { trim, lower, upper, collapse, nfc };
/// An empty cell that `map` does not name: says nothing, or null (metadata: removes the key).
enum class empty_rule { keep, clear };

struct field_spec {
  std::string name;  ///< as configured: `email`, `metadata.credit_limit`
  field_kind kind = field_kind::attribute;
  std::vector<std::string> path;     ///< metadata only: the nested keys, outermost first
  std::vector<std::string> columns;  ///< header names; several are joined with `separator`
  std::string separator = " ";
  std::optional<std::string> fixed;  ///< `value:`: the same cell text for every row
  field_type type = field_type::string;
  std::string format;  ///< strptime-like, for date and datetime; empty: ISO 8601
  std::vector<transform> transforms;
  std::map<std::string, value> map;  ///< cell text (after transforms) to value, looked up first
  empty_rule empty = empty_rule::keep;
  bool lookup_code = false;   ///< customer_group: the cell is a code, not an id
  bool sensitive = false;     ///< never shown; sealed in the store (password always)
  bool initial_send = false;  ///< send the first value of a field that cannot be read

  [[nodiscard]] bool readable() const {
    return kind != field_kind::password && kind != field_kind::gdpr_trigger;
  }
};

enum class match_by { id, reference, email };
enum class metadata_rule { merge, replace };

/// How a job's rows become customers. `fields` is ordered as configured, names are unique.
struct mapping_spec {
  match_by by = match_by::reference;
  std::string key_column;
  std::vector<transform> key_transforms{transform::trim};
  std::vector<field_spec> fields;
  metadata_rule metadata = metadata_rule::merge;
  bool decimal_comma = false;
};

/// nullptr: the job does not map it (any more).
[[nodiscard]] inline const field_spec* find_field(const mapping_spec& mapping,
                                                  std::string_view name) {
  for (const field_spec& one : mapping.fields) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

}  // namespace patchbay
