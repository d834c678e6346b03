#include "patch_builder.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "patchbay/policy/retry.hpp"
#include "patchbay/protocol/echo.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

bool is_sealed(const customer_levels& customer, const std::string& name) {
  return customer.wanted && customer.wanted->sealed.contains(name);
}

/// The value in plain: sealed ones are opened.
result<value> plain_of(const customer_levels& customer, const std::string& name, const value& held,
                       const seal& sealing) {
  if (customer.wanted) {
    if (const auto sealed = customer.wanted->sealed.find(name);
        sealed != customer.wanted->sealed.end()) {
      return sealing.open(sealed->second);
    }
  }
  return held;
}

void add_tags(patch_content& content, const customer_levels& customer, const value& wanted) {
  content.add_tags = names_in(wanted);
  const auto known = customer.acknowledged.find("tags");
  if (known == customer.acknowledged.end()) return;
  for (const std::string& name : names_in(known->second)) {
    if (std::find(content.add_tags.begin(), content.add_tags.end(), name) ==
        content.add_tags.end()) {
      content.remove_tags.push_back(name);
    }
  }
}

result<std::string> group_id(const value& wanted, const field_spec& spec, const group_ids& groups) {
  if (is_null(wanted)) return std::string();
  const std::string named = plain_text(wanted);
  if (!spec.lookup_code) return named;
  const auto found = groups.find(named);
  if (found == groups.end() || found->second.empty()) {
    return fault{"GROUP_UNKNOWN", "the API knows no customer group with this code"};
  }
  return found->second;
}

/// Merging keeps every key that is not ours; replacing writes ours alone.
result<std::string> merged_metadata(const customer_levels& customer, const field_values& asked,
                                    const mapping_spec& mapping,
                                    const std::optional<std::string>& read) {
  const bool merges = mapping.metadata == metadata_rule::merge;
  if (merges && !read) throw std::logic_error("metadata is merged that was not read");
  std::string object = merges ? *read : "{}";
  for (const field_spec& spec : mapping.fields) {
    if (spec.kind != field_kind::metadata) continue;
    std::optional<value> held;
    if (const auto wanted = asked.find(spec.name); wanted != asked.end()) {
      held = wanted->second;
    } else if (mapping.metadata == metadata_rule::replace) {
      const auto known = customer.acknowledged.find(spec.name);
      if (known != customer.acknowledged.end()) held = known->second;
    } else {
      continue;
    }
    if (held && is_null(*held)) held.reset();
    result<std::string> with = with_metadata(object, spec.path, held);
    if (!with) return with.error();
    object = std::move(*with);
  }
  return object;
}

}  // namespace

bool needs_metadata(const field_values& send, const mapping_spec& mapping) {
  if (mapping.metadata == metadata_rule::replace) return false;
  return std::any_of(send.begin(), send.end(), [&mapping](const auto& one) {
    const field_spec* spec = find_field(mapping, one.first);
    return spec != nullptr && spec->kind == field_kind::metadata;
  });
}

result<built_patch> build_patch(const customer_levels& customer, const mapping_spec& mapping,
                                const group_ids& groups, const seal& sealing,
                                const std::optional<std::string>& metadata) {
  built_patch made;
  made.content.id = customer.id;
  bool metadata_asked = false;
  bool unsealed = false;
  for (const auto& [name, held] : fields_to_send(customer)) {
    const field_spec* spec = find_field(mapping, name);
    if (spec == nullptr) continue;  // no longer mapped: nobody wants it any more
    if ((spec->sensitive || is_veiled(held)) && !is_sealed(customer, name)) {
      unsealed = true;  // a hash stands for the value that was acknowledged: it is never sent
      continue;
    }
    result<value> plain = plain_of(customer, name, held, sealing);
    if (!plain) return plain.error();
    made.asked.emplace(name, *plain);
    switch (spec->kind) {
      case field_kind::metadata:
        metadata_asked = true;
        break;
      case field_kind::tags:
        add_tags(made.content, customer, *plain);
        break;
      case field_kind::customer_group: {
        result<std::string> id = group_id(*plain, *spec, groups);
        if (!id) return id.error();
        made.content.group_id = std::move(*id);
        break;
      }
      case field_kind::attribute:
      case field_kind::password:
      case field_kind::gdpr_trigger:
        made.content.fields.emplace(name, *plain);
        break;
    }
  }
  if (unsealed && made.asked.empty()) {
    return fault{"VALUE_NOT_KEPT",
                 "a sensitive value is in doubt whose old form is kept only as a hash: the ERP's "
                 "next value for it settles this"};
  }
  if (metadata_asked) {
    result<std::string> object = merged_metadata(customer, made.asked, mapping, metadata);
    if (!object) return object.error();
    made.content.metadata = std::move(*object);
  }
  return made;
}

dead_letter letter_of(const customer_levels& customer, const std::string& code,
                      const std::string& message, const letter_frame& frame) {
  dead_letter made;
  made.job = customer.job;
  made.key = customer.key;
  made.id = customer.id;
  made.drop = customer.wanted ? customer.wanted->drop : 0;
  made.line = customer.wanted ? customer.wanted->line : 0;
  made.file = frame.file;
  made.code = code;
  made.message = message;
  made.attempts = frame.attempts_before + 1;
  made.since = frame.since == wall_time{} ? frame.now : frame.since;
  made.next_retry = next_retry(made.attempts, frame.now);
  return made;
}

bool is_taken_address(const refusal& one) {
  return one.field == "email" && one.reason == "taken";
}

namespace {

/// Who waits in a circle still does, as far as anybody knows, until its pass has looked at all.
void keep_circle(dead_letter& made, const customer_levels& customer) {
  for (const dead_letter& before : customer.dead) {
    if (before.field != made.field || before.code != email_cycle) continue;
    made.code = before.code;
    made.message = before.message;
  }
}

}  // namespace

std::vector<dead_letter> letters_of(const customer_levels& customer, const verdict& said,
                                    const mapping_spec& mapping, const letter_frame& frame) {
  std::vector<dead_letter> letters;
  for (const refusal& one : said.refusals) {
    dead_letter made = letter_of(customer, one.code, one.message, frame);
    made.field = one.field;
    if (is_taken_address(one)) keep_circle(made, customer);
    made.request_id = said.request_id;
    if (const field_spec* spec = find_field(mapping, one.field);
        spec != nullptr && !spec->columns.empty()) {
      made.column = spec->columns.front();
    }
    // The API may say the same of a field twice.
    if (std::find(letters.begin(), letters.end(), made) == letters.end()) {
      letters.push_back(std::move(made));
    }
  }
  return letters;
}

settle settle_confirmed(const customer_levels& customer, const built_patch& sent,
                        const remote_customer& echo, const field_rules& rules,
                        const letter_frame& frame) {
  settle made;
  made.kind = settle_kind::applied;
  for (const auto& [name, asked] : sent.asked) {
    const field_spec* spec = find_field(rules.mapping, name);
    const bool veiled = spec != nullptr && spec->sensitive;
    const value kept = veiled ? rules.sealing.veil(asked) : asked;
    const auto shown = echo.fields.find(name);
    if (shown == echo.fields.end()) {
      made.acknowledged.emplace(name, kept);
      continue;
    }
    switch (compare_echo(asked, shown->second)) {
      case echo_match::equal:
        made.acknowledged.emplace(name, kept);
        break;
      case echo_match::normalised:
        made.acknowledged.emplace(name, kept);
        made.echoed.emplace(name, veiled ? rules.sealing.veil(shown->second) : shown->second);
        break;
      case echo_match::different: {
        made.acknowledged.emplace(name, veiled ? rules.sealing.veil(shown->second) : shown->second);
        dead_letter letter =
            letter_of(customer, "NOT_APPLIED",
                      "the API answered with success but did not take the value", frame);
        letter.field = name;
        if (spec != nullptr && !spec->columns.empty()) letter.column = spec->columns.front();
        made.dead.push_back(std::move(letter));
        break;
      }
    }
  }
  return made;
}

namespace {

/// A request of ours may have written it, or is still to.
bool is_open(const customer_levels& customer, const std::string& name) {
  if (customer.wanted && customer.wanted->fields.contains(name)) return true;
  if (!customer.in_doubt) return false;
  const std::vector<std::string>& doubted = customer.in_doubt->fields;
  return std::find(doubted.begin(), doubted.end(), name) != doubted.end();
}

}  // namespace

field_values differing_fields(const customer_levels& customer, const remote_customer& read,
                              const mapping_spec& mapping, const seal& sealing) {
  field_values differing;
  for (const auto& [name, shown] : read.fields) {
    if (!is_open(customer, name)) continue;
    const field_spec* spec = find_field(mapping, name);
    const bool veiled = spec != nullptr && spec->sensitive;
    const value now = veiled ? sealing.veil(shown) : shown;
    if (!still_confirmed(customer, name, now)) differing.emplace(name, now);
  }
  return differing;
}

std::vector<std::string> unseen_doubts(const customer_levels& customer,
                                       const mapping_spec& mapping) {
  std::vector<std::string> unseen;
  if (!customer.in_doubt) return unseen;
  for (const std::string& name : customer.in_doubt->fields) {
    const field_spec* spec = find_field(mapping, name);
    if (spec != nullptr && spec->kind == field_kind::password) unseen.push_back(name);
  }
  return unseen;
}

}  // namespace patchbay
