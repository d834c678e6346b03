#include "patchbay/twin/change.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "patchbay/model/levels.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/json_object.hpp"

namespace patchbay::twin {

namespace {

constexpr std::size_t most_tags = 10;

/// A body taken apart. Texts are plain, values canonical.
struct wish {
  field_values attributes;
  std::optional<std::string> group_id;  ///< empty: out of its group
  std::optional<std::vector<std::string>> tag_ids;
};

using errors = std::vector<api_error>;

const value* member(const field_values& of, std::string_view name) {
  const auto found = of.find(name);
  return found == of.end() ? nullptr : &found->second;
}

std::string text_at(const field_values& of, std::string_view name) {
  const value* found = member(of, name);
  return found != nullptr && is_string(*found) ? plain_text(*found) : std::string();
}

bool is_object(const value& v) {
  return v.json.starts_with('{');
}

bool writable(std::string_view name) {
  constexpr std::array<std::string_view, 12> names{"email",
                                                   "password",
                                                   "reference",
                                                   "reference_origin",
                                                   "metadata",
                                                   "profile_id",
                                                   "tax_exemption_code",
                                                   "_add_tags",
                                                   "_remove_tags",
                                                   "shopper_reference",
                                                   "_request_anonymization",
                                                   "_cancel_anonymization"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

errors read_attributes(const value& object, wish& into) {
  const auto read = parse_values(object.json);
  if (!read) return {bad_request("INVALID_ATTRIBUTES", "attributes must be an object.")};
  for (const auto& [name, given] : *read) {
    if (!writable(name)) return {bad_request("PARAM_NOT_ALLOWED", name + " is not allowed.")};
    const bool object_wanted = name == "metadata" && !is_null(given);
    if (is_object(given) != object_wanted || given.json.starts_with('[')) {
      return {bad_request("INVALID_FIELD_VALUE",
                          given.json + " is not a valid value for " + name + ".")};
    }
    // As the API does: a text attribute that is given a number keeps it as text.
    const bool as_it_is = name == "metadata" || is_null(given) || is_string(given);
    into.attributes[name] = as_it_is ? given : string_value(given.json);
  }
  return {};
}

/// The id of a resource identifier of the given type; nullopt: it is none.
std::optional<std::string> identified(const value& identifier, std::string_view type) {
  const auto read = parse_values(identifier.json);
  if (!read || text_at(*read, "type") != type || text_at(*read, "id").empty()) return std::nullopt;
  return text_at(*read, "id");
}

errors read_relationships(const value& object, wish& into) {
  const auto read = parse_values(object.json);
  if (!read) return {bad_request("INVALID_LINKS_OBJECT", "relationships must be an object.")};
  for (const auto& [name, given] : *read) {
    const auto inside = parse_values(given.json);
    const value* linkage = inside ? member(*inside, "data") : nullptr;
    if (linkage == nullptr) {
      return {bad_request("INVALID_LINKS_OBJECT", name + " is not a valid relationship object.")};
    }
    if (name == "customer_group") {
      const auto id = is_null(*linkage) ? std::optional<std::string>(std::string())
                                        : identified(*linkage, "customer_groups");
      if (!id) return {bad_request("INVALID_LINKS_OBJECT", "customer_group needs type and id.")};
      into.group_id = *id;
    } else if (name == "tags") {
      into.tag_ids.emplace();
      for (const std::string& one : elements_of(linkage->json)) {
        const auto id = identified(value{one}, "tags");
        if (!id) return {bad_request("INVALID_LINKS_OBJECT", "tags need type and id.")};
        into.tag_ids->push_back(*id);
      }
    } else {
      return {bad_request("PARAM_NOT_ALLOWED", name + " is not allowed.")};
    }
  }
  return {};
}

errors read_body(std::string_view body, std::string_view id, wish& into) {
  const auto document = parse_values(body);
  if (!document) return {bad_request("INVALID_JSON", "The body is not a JSON object.")};
  const value* content = member(*document, "data");
  const auto read = content == nullptr ? parse_values("[") : parse_values(content->json);
  if (!read) return {bad_request("PARAM_MISSING", "The required parameter, data, is missing.")};
  if (text_at(*read, "type") != "customers") {
    return {bad_request("INVALID_RESOURCE", "The type of the resource must be customers.")};
  }
  if (text_at(*read, "id") != id) {
    return {bad_request("KEY_NOT_INCLUDED_IN_URL",
                        "The URL does not support the key " + text_at(*read, "id") + ".")};
  }
  errors wrong;
  if (const value* attributes = member(*read, "attributes")) {
    wrong = read_attributes(*attributes, into);
  }
  const value* relationships = member(*read, "relationships");
  if (wrong.empty() && relationships != nullptr) wrong = read_relationships(*relationships, into);
  return wrong;
}

bool looks_like_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         text.find_first_of(" \t\r\n") == std::string_view::npos;
}

/// The value asked for under a field name of ours: `email`, `metadata.limit`, `customer_group`.
std::optional<value> asked_value(const wish& asked, const std::string& field) {
  if (field == "customer_group") {
    return asked.group_id ? std::optional(string_value(*asked.group_id)) : std::nullopt;
  }
  if (field.starts_with("metadata.")) {
    const value* metadata = member(asked.attributes, "metadata");
    if (metadata == nullptr) return std::nullopt;
    return metadata_at(metadata->json, pieces_of(field.substr(9), '.'));
  }
  const value* found = member(asked.attributes, field);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

void check_refusals(const wish& asked, const std::vector<fault_rule>& met, errors& wrong) {
  for (const fault_rule& rule : met) {
    if (rule.kind != fault_kind::refuse_value) continue;
    const std::string field = rule.field.empty() ? "email" : rule.field;
    const std::optional<value> given = asked_value(asked, field);
    if (!given || (!rule.text.empty() && plain_text(*given) != rule.text)) continue;
    wrong.push_back(invalid_value(field.substr(0, field.find('.')), rule.error, given->json));
  }
}

void check_tags(const roster& in, const wish& asked, const customer& after, errors& wrong) {
  if (after.tag_ids.size() > most_tags) wrong.push_back(invalid_value("tags", "too_long", ""));
  if (!asked.tag_ids) return;
  const auto unknown = [&in](const std::string& id) { return in.tag_by_id(id) == nullptr; };
  if (std::any_of(asked.tag_ids->begin(), asked.tag_ids->end(), unknown)) {
    wrong.push_back(invalid_value("tags", "invalid", ""));
  }
}

errors check(const roster& in, const wish& asked, const customer& after,
             const std::vector<fault_rule>& met) {
  errors wrong;
  if (const value* email = member(asked.attributes, "email")) {
    const std::string text = is_null(*email) ? std::string() : plain_text(*email);
    const customer* owner = in.by_email(text);
    if (text.empty()) {
      wrong.push_back(invalid_value("email", "blank", email->json));
    } else if (!looks_like_email(text)) {
      wrong.push_back(invalid_value("email", "invalid", email->json));
    } else if (owner != nullptr && owner->id != after.id) {
      wrong.push_back(invalid_value("email", "taken", email->json));
    }
  }
  const value* password = member(asked.attributes, "password");
  if (password != nullptr && (is_null(*password) || plain_text(*password).empty())) {
    wrong.push_back(invalid_value("password", "blank", ""));
  }
  if (asked.group_id && !asked.group_id->empty() && in.group_by_id(*asked.group_id) == nullptr) {
    wrong.push_back(invalid_value("customer_group", "invalid", string_value(*asked.group_id).json));
  }
  check_tags(in, asked, after, wrong);
  check_refusals(asked, met, wrong);
  return wrong;
}

/// Adds or takes away tags by name; names that nobody knows are dropped silently.
void change_tags(const roster& in, const wish& asked, customer& after) {
  for (const std::string& name : pieces_of(text_at(asked.attributes, "_add_tags"), ',')) {
    const tag* named = in.tag_by_name(name);
    if (named == nullptr || std::count(after.tag_ids.begin(), after.tag_ids.end(), named->id) > 0) {
      continue;
    }
    after.tag_ids.push_back(named->id);
  }
  for (const std::string& name : pieces_of(text_at(asked.attributes, "_remove_tags"), ',')) {
    if (const tag* named = in.tag_by_name(name)) std::erase(after.tag_ids, named->id);
  }
}

customer changed(const roster& in, const customer& before, const wish& asked) {
  customer after = before;
  for (const auto& [name, given] : asked.attributes) {
    if (value* kept = attribute(after, name)) *kept = given;
    if (name == "metadata" && is_null(given)) after.metadata = value{"{}"};
    if (name == "password") after.password = plain_text(given);
    if (name == "_request_anonymization") after.anonymization_requested = true;
    if (name == "_cancel_anonymization") after.anonymization_requested = false;
  }
  if (asked.group_id) after.group_id = *asked.group_id;
  if (asked.tag_ids) after.tag_ids = *asked.tag_ids;
  change_tags(in, asked, after);
  return after;
}

/// A 200 that is not true: the field, or all of them, stays as it was.
void leave_unapplied(const fault_rule& rule, const customer& before, customer& after) {
  if (rule.field.empty()) {
    after = before;
  } else if (rule.field == "customer_group") {
    after.group_id = before.group_id;
  } else if (rule.field == "tags") {
    after.tag_ids = before.tag_ids;
  } else if (rule.field == "password") {
    after.password = before.password;
  } else if (rule.field.starts_with("metadata.")) {
    const std::vector<std::string> path = pieces_of(rule.field.substr(9), '.');
    const auto kept =
        with_metadata(after.metadata.json, path, metadata_at(before.metadata.json, path));
    if (kept) after.metadata = canonical_json(*kept).value();
  } else if (value* kept = attribute(after, rule.field)) {
    *kept = *attribute(before, rule.field);
  }
}

}  // namespace

std::vector<api_error> change_customer(roster& in, std::string_view id, std::string_view body,
                                       wall_time wall, const std::vector<fault_rule>& met) {
  wish asked;
  errors wrong = read_body(body, id, asked);
  if (!wrong.empty()) return wrong;
  const customer* before = in.by_id(id);
  if (before == nullptr) return {not_found()};
  customer after = changed(in, *before, asked);
  wrong = check(in, asked, after, met);
  if (!wrong.empty()) return wrong;
  for (const fault_rule& rule : met) {
    if (rule.kind == fault_kind::not_applied) leave_unapplied(rule, *before, after);
    if (rule.kind == fault_kind::lower_case_email && is_string(after.email)) {
      after.email = string_value(lower_ascii(plain_text(after.email)));
    }
  }
  after.updated_at = wall;
  in.replace(std::move(after));
  return {};
}

std::string masked_body(std::string_view body) {
  if (body.find("password") == std::string_view::npos) return std::string(body);
  const std::string unreadable = "(not kept: it speaks of a password and is unreadable)";
  auto document = parse_values(body);
  if (!document || member(*document, "data") == nullptr) return unreadable;
  auto content = parse_values(document->at("data").json);
  if (!content) return unreadable;
  if (const value* object = member(*content, "attributes")) {
    auto attributes = parse_values(object->json);
    if (!attributes) return unreadable;
    if (member(*attributes, "password") != nullptr) {
      (*attributes)["password"] = string_value("***");
    }
    (*content)["attributes"] = value{write_values(*attributes)};
  }
  (*document)["data"] = value{write_values(*content)};
  return write_values(*document);
}

}  // namespace patchbay::twin
