#include "patchbay/protocol/requests.hpp"

#include <algorithm>

#include "patchbay/model/value.hpp"

namespace patchbay {
namespace {

constexpr std::string_view json_api = "application/vnd.api+json";

std::string joined(std::span<const std::string> parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += ',';
    out += part;
  }
  return out;
}

bool maps(std::span<const field_spec> specs, field_kind kind) {
  return std::any_of(specs.begin(), specs.end(),
                     [kind](const field_spec& spec) { return spec.kind == kind; });
}

/// Relationships that the answer must hold so that they can be compared.
std::vector<std::string> included(std::span<const field_spec> specs) {
  std::vector<std::string> names;
  if (maps(specs, field_kind::customer_group)) names.emplace_back("customer_group");
  if (maps(specs, field_kind::tags)) names.emplace_back("tags");
  return names;
}

/// Sparse fieldset: what identifies a customer, and every readable mapped field.
std::vector<std::string> asked_fields(std::span<const field_spec> specs) {
  std::vector<std::string> names{"id", "reference", "email"};
  for (const field_spec& spec : specs) {
    if (!spec.readable()) continue;
    std::string name;
    switch (spec.kind) {
      case field_kind::metadata:
        name = "metadata";
        break;
      case field_kind::customer_group:
        name = "customer_group";
        break;
      case field_kind::tags:
        name = "tags";
        break;
      case field_kind::attribute:
        name = spec.name;
        break;
      case field_kind::password:
      case field_kind::gdpr_trigger:
        continue;
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

request get(std::string target) {
  request made;
  made.kind = request_class::get;
  made.method = "GET";
  made.target = std::move(target);
  made.accept = json_api;
  return made;
}

std::string include_query(std::span<const field_spec> specs) {
  const std::vector<std::string> names = included(specs);
  return names.empty() ? std::string() : "include=" + percent_encode(joined(names));
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                            c == '~' || c == ',';
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
    }
  }
  return out;
}

bool asks_alone(std::string_view value) {
  return value.find(',') != std::string_view::npos;
}

request patch_customer(std::string_view base_path, const patch_content& content,
                       std::span<const field_spec> specs) {
  field_values attributes;
  for (const auto& [name, wanted] : content.fields) {
    if (name != "customer_group" && name != "tags") attributes.emplace(name, wanted);
  }
  if (content.metadata) attributes.emplace("metadata", value{*content.metadata});
  if (!content.add_tags.empty()) {
    attributes.emplace("_add_tags", string_value(joined(content.add_tags)));
  }
  if (!content.remove_tags.empty()) {
    attributes.emplace("_remove_tags", string_value(joined(content.remove_tags)));
  }
  std::string body = R"({"data":{"type":"customers","id":)" + string_value(content.id).json;
  body += R"(,"attributes":{)";
  bool first = true;
  for (const auto& [name, wanted] : attributes) {
    if (!first) body += ',';
    first = false;
    body += string_value(name).json + ":" + wanted.json;
  }
  body += '}';
  if (content.group_id) {
    body += R"(,"relationships":{"customer_group":{"data":)";
    body += content.group_id->empty()
                ? std::string("null")
                : R"({"type":"customer_groups","id":)" + string_value(*content.group_id).json + "}";
    body += "}}";
  }
  body += "}}";

  request made;
  made.kind = request_class::patch;
  made.method = "PATCH";
  made.target = std::string(base_path) + "/customers/" + percent_encode(content.id);
  const std::string include = include_query(specs);
  if (!include.empty()) made.target += "?" + include;
  made.accept = json_api;
  made.content_type = json_api;
  made.body = std::move(body);
  return made;
}

namespace {

/// In one order, so that a customer who comes or goes meanwhile moves no other to another page.
std::string page_query(int page) {
  return "&sort=id&" + percent_encode("page[size]") + "=" + std::to_string(page_size) + "&" +
         percent_encode("page[number]") + "=" + std::to_string(page);
}

}  // namespace

request customers_by(std::string_view base_path, match_by by, std::span<const std::string> values,
                     int page, std::span<const field_spec> specs) {
  std::string attribute;
  switch (by) {
    case match_by::id:
      attribute = "id";
      break;
    case match_by::reference:
      attribute = "reference";
      break;
    case match_by::email:
      attribute = "email";
      break;
  }
  const bool alone = values.size() == 1 && asks_alone(values.front());
  std::string target = std::string(base_path) + "/customers?";
  target += percent_encode("filter[q][" + attribute + (alone ? "_eq]" : "_in]")) + "=";
  // The comma between the values separates; one inside a value must not.
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) target += ',';
    std::string encoded = percent_encode(values[i]);
    for (std::size_t at = encoded.find(','); at != std::string::npos; at = encoded.find(',')) {
      encoded.replace(at, 1, "%2C");
    }
    target += encoded;
  }
  target +=
      "&" + percent_encode("fields[customers]") + "=" + percent_encode(joined(asked_fields(specs)));
  const std::string include = include_query(specs);
  if (!include.empty()) target += "&" + include;
  target += page_query(page);
  return get(std::move(target));
}

request groups_by_code(std::string_view base_path, std::span<const std::string> codes, int page) {
  std::string target = std::string(base_path) + "/customer_groups?";
  const bool alone = codes.size() == 1 && asks_alone(codes.front());
  target += percent_encode(alone ? "filter[q][code_eq]" : "filter[q][code_in]") + "=";
  target += percent_encode(joined(codes));
  target += page_query(page);
  return get(std::move(target));
}

request token_request(std::string_view token_path, std::string_view client_id,
                      std::string_view client_secret) {
  request made;
  made.kind = request_class::token;
  made.method = "POST";
  made.target = token_path;
  made.accept = "application/json";
  made.content_type = "application/json";
  made.body = R"({"grant_type":"client_credentials","client_id":)" + string_value(client_id).json +
              R"(,"client_secret":)" + string_value(client_secret).json + "}";
  return made;
}

std::string path_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  return slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
}

}  // namespace patchbay
