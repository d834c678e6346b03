#include <algorithm>
#include <array>

#include "patchbay/app/settings_parts.hpp"
#include "patchbay/model/nearest.hpp"

namespace patchbay {
namespace {

struct known_field {
  std::string_view name;
  field_kind kind;
};

constexpr std::array<known_field, 10> known_fields{
    {{"email", field_kind::attribute},
     {"password", field_kind::password},
     {"reference", field_kind::attribute},
     {"reference_origin", field_kind::attribute},
     {"shopper_reference", field_kind::attribute},
     {"profile_id", field_kind::attribute},
     {"tax_exemption_code", field_kind::attribute},
     {"customer_group", field_kind::customer_group},
     {"tags", field_kind::tags},
     {"_request_anonymization", field_kind::gdpr_trigger}}};
constexpr std::string_view second_trigger = "_cancel_anonymization";
constexpr std::string_view metadata_prefix = "metadata.";
constexpr std::string_view allow_key = "allow_anonymization";

/// metadata.a.b to {a, b}; nullopt: an empty part.
std::optional<std::vector<std::string>> metadata_path(std::string_view name) {
  std::vector<std::string> path;
  std::string_view rest = name.substr(metadata_prefix.size());
  for (;;) {
    const std::size_t dot = rest.find('.');
    if (dot == 0 || rest.empty()) return {};
    path.emplace_back(rest.substr(0, dot));
    if (dot == std::string_view::npos) return path;
    rest.remove_prefix(dot + 1);
  }
}

void note_unknown_field(const config_section& fields, const config_member& written) {
  std::vector<std::string> names;
  for (const known_field& known : known_fields) names.emplace_back(known.name);
  names.emplace_back(second_trigger);
  const std::string near =
      written.key == "metadata" ? "" : nearest(written.key, names).value_or("");
  std::string message = "unknown field " + fields.full_name(written.key);
  if (written.key.starts_with("metadata")) {
    message += ": name the key of the metadata, as in metadata.credit_limit";
  } else if (!near.empty()) {
    message += "; did you mean \"" + near + "\"?";
  } else {
    message += ": a customer has no such field; what is yours goes to metadata." + written.key;
  }
  fields.notes().add({.code = "CONFIG_UNKNOWN_KEY",
                      .message = std::move(message),
                      .key = fields.full_name(written.key),
                      .nearest = near},
                     written.place);
}

/// `allow_anonymization: true` stands beside the trigger, or beside the fields.
bool allowed_in(config_section& section) {
  bool allowed = false;
  section.read(allow_key, allowed, truth_value{});
  return allowed;
}

void check_empty_rule(const config_section& at, const field_spec& field, bool own) {
  if (field.empty == empty_rule::keep) return;
  const bool may = field.kind != field_kind::password && field.kind != field_kind::gdpr_trigger &&
                   field.name != "email";
  if (may) return;
  if (own) {
    at.refuse("empty", "the API cannot clear " + field.name + ": an empty cell can only keep it");
  } else {
    at.notes().add(at.place(), "CONFIG_VALUE", at.full_name("empty"),
                   at.full_name("empty") + ": the API cannot clear " + field.name +
                       ", and empty: clear of the job holds for it too; add empty: keep here");
  }
}

/// The same metadata key twice, or one inside another: neither could be sent alone.
void check_overlaps(const config_section& fields, const mapping_spec& mapping) {
  for (const field_spec& outer : mapping.fields) {
    for (const field_spec& inner : mapping.fields) {
      if (inner.name.starts_with(outer.name + ".")) {
        fields.refuse(inner.name, "lies inside " + outer.name + ", which is mapped as a whole");
      }
    }
  }
}

}  // namespace

std::optional<field_spec> named_field(std::string_view name) {
  field_spec made;
  made.name = name;
  if (name.starts_with(metadata_prefix)) {
    auto path = metadata_path(name);
    if (!path) return {};
    made.kind = field_kind::metadata;
    made.path = std::move(*path);
    return made;
  }
  if (name == second_trigger) name = known_fields.back().name;
  for (const known_field& known : known_fields) {
    if (known.name != name) continue;
    made.kind = known.kind;
    made.sensitive = known.kind == field_kind::password;
    if (known.kind == field_kind::gdpr_trigger) made.type = field_type::boolean;
    return made;
  }
  return {};
}

std::string transforms_value::expected() const {
  return "a list of trim, lower, upper, collapse or nfc";
}

config_reading<std::vector<transform>> transforms_value::operator()(const config_node& node) const {
  const choice_value<transform> words{{{"trim", transform::trim},
                                       {"lower", transform::lower},
                                       {"upper", transform::upper},
                                       {"collapse", transform::collapse},
                                       {"nfc", transform::nfc}}};
  config_reading<std::vector<transform>> made{.expected = expected()};
  if (node.is != config_node::kind::sequence) {
    made.code = "CONFIG_WRONG_TYPE";
    return made;
  }
  std::vector<transform> steps;
  for (const config_node& element : node.elements) {
    const auto step = words(element);
    if (!step.value) {
      made.nearest = step.nearest;
      made.why = "expected " + words.expected() + ", found " + found_text(element);
      return made;
    }
    steps.push_back(*step.value);
  }
  made.value = std::move(steps);
  return made;
}

void read_fields(config_section& job, mapping_spec& into) {
  const choice_value<empty_rule> rules{{{"keep", empty_rule::keep}, {"clear", empty_rule::clear}}};
  empty_rule default_empty = empty_rule::keep;
  job.read("empty", default_empty, rules);
  const bool job_allows = allowed_in(job);
  config_section fields =
      job.demand_section("fields", "the fields to keep in step, as in email: {column: EMAIL}");
  const bool allowed = allowed_in(fields) || job_allows;
  for (const config_member& written : fields.members()) {
    if (written.key == allow_key) continue;
    fields.know(written.key);
    fields.notes().keep_place(fields.full_name(written.key), written.place);
    auto field = named_field(written.key);
    if (!field) {
      note_unknown_field(fields, written);
      continue;
    }
    field->empty = default_empty;
    if (written.node.is == config_node::kind::null) {
      fields.find(written.key);  // notes that the value is missing
      continue;
    }
    config_section section(fields.notes(), written.node, fields.full_name(written.key),
                           written.place);
    const bool own_rule = section.read("empty", field->empty, rules);
    const bool field_allows = allowed_in(section);
    if (field->kind == field_kind::gdpr_trigger && !allowed && !field_allows) {
      fields.notes().add(written.place, "CONFIG_VALUE", fields.full_name(written.key),
                         fields.full_name(written.key) +
                             ": this erases personal data for good; to map it all the same, write "
                             "allow_anonymization: true beside it");
    }
    check_empty_rule(section, *field, own_rule);
    read_field(std::move(section), *field);
    into.fields.push_back(std::move(*field));
  }
  if (fields.members().empty() && !fields.broken()) {
    job.refuse("fields", "expected at least one field, as in email: {column: EMAIL}");
  }
  check_overlaps(fields, into);
}

}  // namespace patchbay
