#include "patchbay/protocol/replies.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "json_tree.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {
namespace {

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

const field_spec* spec_named(std::span<const field_spec> specs, std::string_view name) {
  for (const field_spec& spec : specs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

/// `/data/attributes/email` → email; `/data/attributes/metadata` → the only metadata field, if so.
std::string field_at(std::string_view pointer, std::span<const field_spec> specs) {
  const std::size_t slash = pointer.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string name(pointer.substr(slash + 1));
  if (spec_named(specs, name) != nullptr) return name;
  if (name != "metadata") return {};
  std::string only;
  for (const field_spec& spec : specs) {
    if (spec.kind != field_kind::metadata) continue;
    if (!only.empty()) return {};
    only = spec.name;
  }
  return only;
}

refusal read_refusal(const json_node& error, std::span<const field_spec> specs) {
  refusal made;
  made.field = field_at(error.at("source").at("pointer").text, specs);
  made.code = error.at("code").text;
  made.reason = error.at("meta").at("error").text;
  const std::string title = error.at("title").text;
  const std::string detail = error.at("detail").text;
  const field_spec* spec = spec_named(specs, made.field);
  // The API may quote the value in its detail.
  const bool may_quote = spec != nullptr && spec->sensitive;
  const bool any_sensitive =
      std::any_of(specs.begin(), specs.end(), [](const field_spec& one) { return one.sensitive; });
  made.message = may_quote || (spec == nullptr && any_sensitive) || detail.empty() ? title : detail;
  return made;
}

/// `errors` is an array from the core API, an object in the 429, missing in HTML.
std::vector<refusal> read_refusals(const json_node& document, std::span<const field_spec> specs) {
  std::vector<refusal> refusals;
  const json_node& errors = document.at("errors");
  if (errors.is_object()) refusals.push_back(read_refusal(errors, specs));
  for (const json_node& error : errors.elements) refusals.push_back(read_refusal(error, specs));
  return refusals;
}

std::string trace_of(const json_node& document) {
  const std::string& inner = document.at("data").at("meta").at("trace_id").text;
  return inner.empty() ? document.at("meta").at("trace_id").text : inner;
}

verdict_kind kind_of(int status, const std::vector<refusal>& refusals) {
  const std::string code = refusals.empty() ? std::string() : refusals.front().code;
  if (status >= 200 && status < 300) return verdict_kind::confirmed;
  if (status >= 300 && status < 400) return verdict_kind::misused;
  switch (status) {
    case 401:
      return code == "INVALID_TOKEN" ? verdict_kind::stale_token : verdict_kind::forbidden;
    case 403:
      return verdict_kind::forbidden;
    case 404:
      // Another 404 is no word on this customer: a wrong path, or something in between.
      return code == "RECORD_NOT_FOUND" ? verdict_kind::gone : verdict_kind::misused;
    case 406:
    case 415:
      return verdict_kind::misused;
    case 408:
    case 425:
      return verdict_kind::unanswered;
    case 409:
      return verdict_kind::conflict;
    case 423:
      return verdict_kind::locked;
    case 429:
      return verdict_kind::throttled;
    default:
      return status >= 400 && status < 500 ? verdict_kind::refused : verdict_kind::unanswered;
  }
}

bool has_resource(const json_node& document) {
  const json_node& data = document.at("data");
  return data.is_array() || (data.is_object() && data.at("id").is_string());
}

/// The included resource of that type and id; nullptr when the answer does not hold it.
const json_node* included(const json_node& document, std::string_view type, std::string_view id) {
  for (const json_node& one : document.at("included").elements) {
    if (one.at("type").text == type && one.at("id").text == id) return &one;
  }
  return nullptr;
}

/// nullopt: the relationship carries only links, so it is unknown.
std::optional<value> read_group(const json_node& document, const json_node& data,
                                const field_spec& spec) {
  const json_node* linkage = data.at("relationships").at("customer_group").find("data");
  if (linkage == nullptr) return std::nullopt;
  if (linkage->is_null()) return null_value();
  const std::string& id = linkage->at("id").text;
  if (!spec.lookup_code) return string_value(id);
  const json_node* group = included(document, "customer_groups", id);
  if (group == nullptr) return std::nullopt;
  return as_value(group->at("attributes").at("code"));
}

std::optional<value> read_tags(const json_node& document, const json_node& data) {
  const json_node* linkage = data.at("relationships").at("tags").find("data");
  if (linkage == nullptr || !linkage->is_array()) return std::nullopt;
  std::vector<std::string> names;
  for (const json_node& one : linkage->elements) {
    const json_node* tag = included(document, "tags", one.at("id").text);
    if (tag == nullptr) return std::nullopt;
    names.push_back(tag->at("attributes").at("name").text);
  }
  std::sort(names.begin(), names.end());
  std::string json = "[";
  for (const std::string& name : names) {
    if (json.size() > 1) json += ',';
    json += string_value(name).json;
  }
  return value{json + "]"};
}

std::optional<value> read_field(const json_node& document, const json_node& data,
                                const field_spec& spec) {
  switch (spec.kind) {
    case field_kind::attribute: {
      const json_node* held = data.at("attributes").find(spec.name);
      if (held == nullptr) return std::nullopt;
      return as_value(*held);
    }
    case field_kind::metadata: {
      // Metadata that is shown lacks what it does not hold; metadata that is not shown is unknown.
      const json_node* at = data.at("attributes").find("metadata");
      if (at == nullptr) return std::nullopt;
      for (const std::string& key : spec.path) at = &at->at(key);
      return as_value(*at);
    }
    case field_kind::customer_group:
      return read_group(document, data, spec);
    case field_kind::tags:
      return read_tags(document, data);
    case field_kind::password:
    case field_kind::gdpr_trigger:
      return std::nullopt;
  }
  return std::nullopt;
}

remote_customer read_resource(const json_node& document, const json_node& data,
                              std::span<const field_spec> specs) {
  remote_customer made;
  made.id = data.at("id").text;
  const json_node& attributes = data.at("attributes");
  made.reference = attributes.at("reference").text;
  made.email = attributes.at("email").text;
  if (const json_node* metadata = attributes.find("metadata")) {
    made.metadata = metadata->is_object() ? write_json(*metadata, key_order::kept) : "{}";
  }
  for (const field_spec& spec : specs) {
    if (const std::optional<value> held = read_field(document, data, spec)) {
      made.fields.emplace(spec.name, *held);
    }
  }
  return made;
}

fault unreadable() {
  return {"REPLY_UNREADABLE", "the API's answer is not the JSON:API document that was expected"};
}

int pages_of(const json_node& document) {
  return number_of(document.at("meta").at("page_count").text).value_or(1);
}

/// `document`: the body, a null node where it is no JSON.
verdict weigh(const reply& answer, const json_node& document, std::span<const field_spec> specs) {
  verdict made;
  made.status = answer.status;
  made.refusals = answer.status >= 400 ? read_refusals(document, specs) : std::vector<refusal>();
  made.kind = kind_of(answer.status, made.refusals);
  made.request_id = answer.header("x-request-id");
  made.trace_id = trace_of(document);
  made.remaining = number_of(answer.header("x-ratelimit-remaining"));
  made.limit = number_of(answer.header("x-ratelimit-limit"));
  if (made.kind == verdict_kind::throttled) {
    if (const auto after = number_of(answer.header("retry-after"))) {
      made.retry_after = std::chrono::seconds(*after);
    }
  }
  if (made.kind == verdict_kind::confirmed && !has_resource(document)) {
    made.kind = verdict_kind::unanswered;
    made.message = "the answer " + std::to_string(answer.status) + " holds no resource";
  }
  if ((made.kind == verdict_kind::refused || made.kind == verdict_kind::gone) &&
      made.refusals.empty()) {
    refusal unnamed;
    unnamed.code = "HTTP_" + std::to_string(answer.status);
    unnamed.message = "refused without a reason (status " + std::to_string(answer.status) + ")";
    made.refusals.push_back(std::move(unnamed));
  }
  if (made.message.empty() && !made.refusals.empty()) made.message = made.refusals.front().message;
  if (made.message.empty() && made.kind != verdict_kind::confirmed) {
    made.message = "status " + std::to_string(answer.status);
  }
  return made;
}

json_node document_of(const reply& answer) {
  result<json_node> tree = parse_json(answer.body);
  return tree ? std::move(*tree) : json_node();
}

}  // namespace

verdict read_verdict(const reply& answer, std::span<const field_spec> specs) {
  return weigh(answer, document_of(answer), specs);
}

patch_answer read_patch_answer(const reply& answer, std::span<const field_spec> specs) {
  const json_node document = document_of(answer);
  patch_answer made{weigh(answer, document, specs), std::nullopt};
  const json_node& data = document.at("data");
  if (made.said.kind == verdict_kind::confirmed && data.is_object()) {
    made.echo = read_resource(document, data, specs);
  }
  return made;
}

result<customer_page> read_customers(std::string_view body, std::span<const field_spec> specs) {
  const result<json_node> tree = parse_json(body);
  if (!tree || !tree->at("data").is_array()) return unreadable();
  customer_page page;
  page.pages = pages_of(*tree);
  for (const json_node& data : tree->at("data").elements) {
    page.customers.push_back(read_resource(*tree, data, specs));
  }
  return page;
}

result<group_page> read_groups(std::string_view body) {
  const result<json_node> tree = parse_json(body);
  if (!tree || !tree->at("data").is_array()) return unreadable();
  group_page page;
  page.pages = pages_of(*tree);
  for (const json_node& data : tree->at("data").elements) {
    page.groups.emplace_back(data.at("attributes").at("code").text, data.at("id").text);
  }
  return page;
}

}  // namespace patchbay
