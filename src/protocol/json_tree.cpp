#include "json_tree.hpp"

#include <algorithm>
#include <cstddef>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "patchbay/model/value.hpp"

namespace patchbay {
namespace {

constexpr std::size_t deepest = 64;

/// Receives RapidJSON's events and builds the tree; a false return ends the parse.
class tree_builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, tree_builder> {
 public:
  bool Null() { return put({}); }
  bool Bool(bool b) { return put(scalar(json_node::kind::boolean, b ? "true" : "false")); }
  bool RawNumber(const char* digits, rapidjson::SizeType length, bool) {
    return put(scalar(json_node::kind::number, {digits, length}));
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return put(scalar(json_node::kind::string, {text, length}));
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    key_.assign(text, length);
    if (open_.back()->find(key_) != nullptr) {
      refused = {"JSON_DUPLICATE_KEY", "the key " + key_ + " stands twice in one object"};
      return false;
    }
    return true;
  }
  bool StartObject() { return start(json_node::kind::object); }
  bool StartArray() { return start(json_node::kind::array); }
  bool EndObject(rapidjson::SizeType) { return end(); }
  bool EndArray(rapidjson::SizeType) { return end(); }

  json_node root;
  fault refused;

 private:
  static json_node scalar(json_node::kind is, std::string_view text) {
    json_node node;
    node.is = is;
    node.text = text;
    return node;
  }
  json_node& place(json_node node) {
    if (open_.empty()) return root = std::move(node);
    json_node& parent = *open_.back();
    if (parent.is_array()) return parent.elements.emplace_back(std::move(node));
    return parent.members.emplace_back(key_, std::move(node)).second;
  }
  bool put(json_node node) {
    place(std::move(node));
    return true;
  }
  bool start(json_node::kind is) {
    if (open_.size() >= deepest) {
      refused = {"JSON_TOO_DEEP", "more than 64 levels of JSON"};
      return false;
    }
    json_node node;
    node.is = is;
    open_.push_back(&place(std::move(node)));
    return true;
  }
  bool end() {
    open_.pop_back();
    return true;
  }

  // Pointers stay good: only the innermost open container grows, and it is never moved by that.
  std::vector<json_node*> open_;
  std::string key_;
};

void write_to(std::string& out, const json_node& node, key_order order) {
  switch (node.is) {
    case json_node::kind::null:
      out += "null";
      return;
    case json_node::kind::boolean:
    case json_node::kind::number:
      out += node.text;
      return;
    case json_node::kind::string:
      out += string_value(node.text).json;
      return;
    case json_node::kind::array: {
      out += '[';
      bool first = true;
      for (const json_node& element : node.elements) {
        if (!first) out += ',';
        first = false;
        write_to(out, element, order);
      }
      out += ']';
      return;
    }
    case json_node::kind::object:
      break;
  }
  std::vector<const std::pair<std::string, json_node>*> members;
  members.reserve(node.members.size());
  for (const auto& one : node.members) members.push_back(&one);
  if (order == key_order::sorted) {
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
  }
  out += '{';
  for (const auto* one : members) {
    if (one != members.front()) out += ',';
    out += string_value(one->first).json;
    out += ':';
    write_to(out, one->second, order);
  }
  out += '}';
}

}  // namespace

const json_node* json_node::find(std::string_view name) const {
  for (const auto& [key, node] : members) {
    if (key == name) return &node;
  }
  return nullptr;
}

json_node* json_node::find(std::string_view name) {
  return const_cast<json_node*>(std::as_const(*this).find(name));
}

const json_node& json_node::at(std::string_view name) const {
  static const json_node none;
  const json_node* found = find(name);
  return found == nullptr ? none : *found;
}

result<json_node> parse_json(std::string_view text) {
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  tree_builder builder;
  constexpr unsigned flags = rapidjson::kParseNumbersAsStringsFlag |
                             rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  const rapidjson::ParseResult parsed = reader.Parse<flags>(stream, builder);
  if (!parsed.IsError()) return std::move(builder.root);
  if (!builder.refused.code.empty()) return builder.refused;
  return fault{"JSON_INVALID", std::string(rapidjson::GetParseError_En(parsed.Code())) + " (byte " +
                                   std::to_string(parsed.Offset()) + ")"};
}

std::string write_json(const json_node& node, key_order order) {
  std::string out;
  write_to(out, node, order);
  return out;
}

value as_value(const json_node& node) {
  return {write_json(node, key_order::sorted)};
}

}  // namespace patchbay
