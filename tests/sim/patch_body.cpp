#include "patch_body.hpp"

#include "patchbay/protocol/json_text.hpp"

namespace patchbay::sim {
namespace {

const std::vector<std::string> path_of_foreign{"crm", "note"};

std::optional<value> metadata_in(const std::string& body) {
  return metadata_at(body, {"data", "attributes", "metadata"});
}

}  // namespace

field_values fields_of_body(const std::string& body, const mapping_spec& mapping) {
  field_values fields;
  const std::optional<value> metadata = metadata_in(body);
  for (const field_spec& spec : mapping.fields) {
    if (spec.kind == field_kind::attribute) {
      const auto found = metadata_at(body, {"data", "attributes", spec.name});
      if (found) fields.emplace(spec.name, *found);
    } else if (spec.kind == field_kind::metadata && metadata) {
      fields.emplace(spec.name, metadata_at(metadata->json, spec.path).value_or(null_value()));
    }
  }
  return fields;
}

std::string foreign_of(std::string_view metadata) {
  const auto found = metadata_at(metadata, path_of_foreign);
  return found ? plain_text(*found) : foreign_lost;
}

std::string foreign_of_body(const std::string& body) {
  const std::optional<value> metadata = metadata_in(body);
  return metadata ? foreign_of(metadata->json) : no_metadata;
}

std::optional<std::string> with_foreign(std::string_view metadata, const std::string& text) {
  const result<std::string> made = with_metadata(metadata, path_of_foreign, string_value(text));
  if (!made) return std::nullopt;
  return *made;
}

}  // namespace patchbay::sim
