#include "patchbay/app/settings_parts.hpp"

namespace patchbay {
namespace {

bool digits_at(std::string_view text, std::size_t& at) {
  const std::size_t from = at;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at > from;
}

/// A JSON number, written as the standard wants it.
bool json_number(std::string_view text, bool whole_only) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t first = at;
  if (!digits_at(text, at) || (text[first] == '0' && at - first > 1)) return false;
  if (!whole_only && at < text.size() && text[at] == '.') {
    if (!digits_at(text, ++at)) return false;
  }
  if (!whole_only && at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (!digits_at(text, at)) return false;
  }
  return at == text.size();
}

bool truth_word(const config_node& node) {
  return !node.quoted && (node.text == "true" || node.text == "false");
}

std::string expected_for(field_type type) {
  switch (type) {
    case field_type::string:
      return "text or null";
    case field_type::integer:
      return "a whole number or null";
    case field_type::decimal:
      return "a number or null";
    case field_type::boolean:
      return "true, false or null";
    case field_type::date:
      return "a date \"YYYY-MM-DD\" or null";
    case field_type::datetime:
      return "a moment \"YYYY-MM-DDThh:mm:ssZ\" or null";
    case field_type::json:
      return "text, a number, true, false or null";
  }
  return {};
}

/// `####-##-##T##:##:##Z` with # for a digit.
bool shaped_as(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '#' ? !digit : text[i] != shape[i]) return false;
  }
  return true;
}

/// The type of the field says what the words mean: `1` is a number for a decimal, text for a
/// string. Null clears, whatever the type.
std::optional<value> mapped_value(const config_node& node, field_type type) {
  if (node.is == config_node::kind::null) return null_value();
  if (node.is != config_node::kind::scalar) return {};
  const std::string& text = node.text;
  switch (type) {
    case field_type::string:
      return string_value(text);
    case field_type::integer:
      return json_number(text, true) ? std::optional(value{text}) : std::nullopt;
    case field_type::decimal:
      return json_number(text, false) ? std::optional(value{text}) : std::nullopt;
    case field_type::boolean:
      return truth_word(node) ? std::optional(value{text}) : std::nullopt;
    case field_type::date:
      return shaped_as(text, "####-##-##") ? std::optional(string_value(text)) : std::nullopt;
    case field_type::datetime:
      return shaped_as(text, "####-##-##T##:##:##Z") ? std::optional(string_value(text))
                                                     : std::nullopt;
    case field_type::json:
      if (truth_word(node) || (!node.quoted && json_number(text, false))) return value{text};
      return string_value(text);
  }
  return {};
}

bool may_be_null(const field_spec& field) {
  return field.name != "email" && field.kind != field_kind::password &&
         field.kind != field_kind::gdpr_trigger;
}

}  // namespace

void read_value_map(config_section section, const field_spec& field,
                    std::map<std::string, value>& into) {
  for (const config_member& written : section.members()) {
    section.know(written.key);
    const std::string name = section.name() + "[\"" + written.key + "\"]";
    auto mapped = mapped_value(written.node, field.type);
    if (!mapped) {
      const std::string expected = expected_for(field.type);
      section.notes().add(
          {.code = "CONFIG_WRONG_TYPE",
           .message = name + ": expected " + expected + ", found " + found_text(written.node),
           .key = name,
           .expected = expected},
          written.node.place);
      continue;
    }
    if (is_null(*mapped) && !may_be_null(field)) {
      section.notes().add(written.place, "CONFIG_VALUE", name,
                          name + ": the API cannot clear " + field.name);
      continue;
    }
    into[written.key] = std::move(*mapped);
  }
  section.finish();
}

}  // namespace patchbay
