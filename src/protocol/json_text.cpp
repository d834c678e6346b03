#include "patchbay/protocol/json_text.hpp"

#include <algorithm>
#include <utility>

#include "json_tree.hpp"

namespace patchbay {
namespace {

/// Sets (nullptr: removes) the member at path[depth…] below `at`; all else stays as it came.
void set_below(json_node& at, const std::vector<std::string>& path, std::size_t depth,
               const json_node* set) {
  json_node* child = at.find(path[depth]);
  const bool last = depth + 1 == path.size();
  if (set == nullptr) {
    if (child == nullptr) return;
    if (!last) return set_below(*child, path, depth + 1, set);
    std::erase_if(at.members, [&](const auto& one) { return one.first == path[depth]; });
    return;
  }
  if (!at.is_object()) {
    at = {};
    at.is = json_node::kind::object;
  }
  if (child == nullptr) child = &at.members.emplace_back(path[depth], json_node{}).second;
  if (last) {
    *child = *set;
  } else {
    set_below(*child, path, depth + 1, set);
  }
}

}  // namespace

result<value> canonical_json(std::string_view text) {
  const result<json_node> tree = parse_json(text);
  if (!tree) return tree.error();
  return as_value(*tree);
}

result<field_values> parse_values(std::string_view object) {
  const result<json_node> tree = parse_json(object);
  if (!tree) return tree.error();
  if (!tree->is_object()) return fault{"JSON_INVALID", "a JSON object was expected"};
  field_values values;
  for (const auto& [name, node] : tree->members) values.emplace(name, as_value(node));
  return values;
}

std::string write_values(const field_values& values) {
  std::string out = "{";
  for (const auto& [name, held] : values) {
    if (out.size() > 1) out += ',';
    out += string_value(name).json;
    out += ':';
    out += held.json;
  }
  out += '}';
  return out;
}

std::vector<std::string> names_in(const value& list) {
  std::vector<std::string> names;
  result<json_node> tree = parse_json(list.json);
  if (!tree) return names;
  for (json_node& one : tree->elements) {
    if (one.is_string()) names.push_back(std::move(one.text));
  }
  return names;
}

std::optional<value> metadata_at(std::string_view object, const std::vector<std::string>& path) {
  const result<json_node> tree = parse_json(object);
  if (!tree) return std::nullopt;
  const json_node* at = &*tree;
  for (const std::string& key : path) {
    at = at->find(key);
    if (at == nullptr) return std::nullopt;
  }
  return as_value(*at);
}

result<std::string> with_metadata(std::string_view object, const std::vector<std::string>& path,
                                  const std::optional<value>& set) {
  result<json_node> tree = parse_json(object.empty() || object == "null" ? "{}" : object);
  if (!tree) return tree.error();
  if (!tree->is_object()) return fault{"JSON_INVALID", "metadata is not an object"};
  if (set) {
    const result<json_node> wanted = parse_json(set->json);
    if (!wanted) return wanted.error();
    set_below(*tree, path, 0, &*wanted);
  } else {
    set_below(*tree, path, 0, nullptr);
  }
  return write_json(*tree, key_order::kept);
}

}  // namespace patchbay
