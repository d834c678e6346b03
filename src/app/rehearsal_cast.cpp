#include "rehearsal_cast.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "patchbay/model/text.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

const value* find(const field_values& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() || is_null(found->second) ? nullptr : &found->second;
}

}  // namespace

void rehearsal_cast::add(const customer_levels& customer) {
  if (customer.id.empty() || !keys_.insert(customer.key).second) return;
  enter(customer);
  if (!customer.wanted) return;
  meet_groups_and_tags(customer.wanted->fields);
  const field_spec* const group = group_by_code();
  const value* const code = group == nullptr ? nullptr : find(customer.wanted->fields, group->name);
  if (code != nullptr) wanted_groups_[plain_text(*code)].push_back(customer.key);
  if (const value* email = find(customer.wanted->fields, "email")) {
    wanted_emails_.insert(lowered(plain_text(*email)));
  }
}

void rehearsal_cast::add_rivals(intake_store& store) {
  if (wanted_emails_.empty()) return;
  std::string after;
  for (;;) {
    std::vector<std::string> keys = store.keys_after(job_.name, after, page_customers);
    if (keys.empty()) return;
    after = keys.back();
    std::erase_if(keys, [this](const std::string& key) { return keys_.contains(key); });
    for (const customer_levels& one : store.lookup(job_.name, keys)) {
      const value* email = find(one.acknowledged, "email");
      if (one.id.empty() || email == nullptr) continue;
      if (wanted_emails_.contains(lowered(plain_text(*email)))) enter(one);
    }
  }
}

const field_spec* rehearsal_cast::group_by_code() const {
  for (const field_spec& field : job_.mapping.fields) {
    if (field.kind == field_kind::customer_group && field.lookup_code) return &field;
  }
  return nullptr;
}

std::map<std::string, std::vector<std::string>> rehearsal_cast::doubtful_groups(
    intake_store& store) const {
  std::map<std::string, std::vector<std::string>> doubtful = wanted_groups_;
  for (const auto& [code, id] : store.groups()) {
    if (!id.empty()) doubtful.erase(code);
  }
  // Who is in a group proves that there is one.
  const field_spec* const group = group_by_code();
  std::string after;
  while (!doubtful.empty()) {
    const std::vector<std::string> keys = store.keys_after(job_.name, after, page_customers);
    if (keys.empty()) break;
    after = keys.back();
    for (const customer_levels& one : store.lookup(job_.name, keys)) {
      if (const value* code = find(one.acknowledged, group->name))
        doubtful.erase(plain_text(*code));
    }
  }
  return doubtful;
}

void rehearsal_cast::enter(const customer_levels& customer) {
  twin::customer made;
  made.id = customer.id;
  if (job_.mapping.by == match_by::reference) made.reference = string_value(customer.key);
  if (job_.mapping.by == match_by::email) made.email = string_value(lowered(customer.key));
  meet_groups_and_tags(customer.acknowledged);
  for (const field_spec& field : job_.mapping.fields) {
    const value* held = find(customer.acknowledged, field.name);
    if (held == nullptr || field.sensitive) continue;
    if (field.kind == field_kind::metadata) {
      const auto grown = with_metadata(made.metadata.json, field.path, *held);
      if (grown) made.metadata = value{*grown};
    } else if (field.kind == field_kind::customer_group) {
      made.group_id = meet(*held).id;
    } else if (field.kind == field_kind::tags) {
      for (const std::string& name : names_in(*held)) {
        made.tag_ids.push_back(roster_.add_tag(name).id);
      }
    } else if (value* attribute = twin::attribute(made, field.name)) {
      *attribute = *held;
    }
  }
  roster_.add(std::move(made));
}

const twin::group& rehearsal_cast::meet(const value& group) {
  const std::string name = plain_text(group);
  const auto by_code = [](const field_spec& field) {
    return field.kind == field_kind::customer_group && field.lookup_code;
  };
  const bool is_code = std::any_of(job_.mapping.fields.begin(), job_.mapping.fields.end(), by_code);
  return is_code ? roster_.add_group(name) : roster_.add_group(name, name);
}

void rehearsal_cast::meet_groups_and_tags(const field_values& fields) {
  for (const field_spec& field : job_.mapping.fields) {
    const value* named = find(fields, field.name);
    if (named == nullptr) continue;
    if (field.kind == field_kind::customer_group) meet(*named);
    if (field.kind != field_kind::tags) continue;
    for (const std::string& name : names_in(*named)) roster_.add_tag(name);
  }
}

std::vector<std::pair<std::string, std::string>> rehearsal_cast::groups() const {
  std::vector<std::pair<std::string, std::string>> known;
  for (const twin::group& one : roster_.groups()) known.emplace_back(one.code, one.id);
  return known;
}

twin::roster rehearsal_cast::take() {
  roster_.settle_order();
  return std::move(roster_);
}

}  // namespace patchbay
