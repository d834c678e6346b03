// A parsed JSON text that keeps the digits of its numbers and the order of its keys; RapidJSON's
// reader does the parsing (its own document would turn numbers into doubles, or into strings).
// Private to protocol/. Plain data, any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {

struct json_node {
  enum class kind { null, boolean, number, string, array, object };

  kind is = kind::null;
  std::string text;  ///< number: its digits; string: its characters; boolean: true or false
  std::vector<json_node> elements;                         ///< array
  std::vector<std::pair<std::string, json_node>> members;  ///< object, in the order they came

  [[nodiscard]] bool is_null() const { return is == kind::null; }
  [[nodiscard]] bool is_object() const { return is == kind::object; }
  [[nodiscard]] bool is_array() const { return is == kind::array; }
  [[nodiscard]] bool is_string() const { return is == kind::string; }
  /// The member, or a null node when there is none or this is no object.
  [[nodiscard]] const json_node& at(std::string_view name) const;
  [[nodiscard]] const json_node* find(std::string_view name) const;
  [[nodiscard]] json_node* find(std::string_view name);
};

/// JSON_INVALID (with the byte offset), JSON_TOO_DEEP (64 levels), JSON_DUPLICATE_KEY.
[[nodiscard]] result<json_node> parse_json(std::string_view text);

enum class key_order { sorted, kept };
/// Without blanks. Canonical texts have sorted keys.
[[nodiscard]] std::string write_json(const json_node& node, key_order order);
/// The node as a value of a field: its canonical text.
[[nodiscard]] value as_value(const json_node& node);

}  // namespace patchbay
