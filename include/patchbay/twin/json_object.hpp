// Writes JSON text piece by piece, and takes canonical arrays apart: the little that the twin
// needs beyond protocol/json_text. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/instant.hpp"

namespace patchbay::twin {

class json_object {
 public:
  json_object& add(std::string_view name, std::string_view json);  ///< `json` is put in as it is
  json_object& add_text(std::string_view name, std::string_view text);
  json_object& add_number(std::string_view name, long long number);
  json_object& add_bool(std::string_view name, bool yes);
  [[nodiscard]] std::string text() const { return text_ + '}'; }
  [[nodiscard]] bool empty() const { return text_.size() == 1; }

 private:
  std::string text_ = "{";
};

[[nodiscard]] std::string json_array(const std::vector<std::string>& elements);
/// The elements of a canonical JSON array, as JSON texts; none for anything else.
[[nodiscard]] std::vector<std::string> elements_of(std::string_view canonical_array);
/// 2026-11-23T02:15:04.123Z
[[nodiscard]] std::string iso_time(wall_time at);
/// The pieces of `text` between `separator`s; none for an empty text.
[[nodiscard]] std::vector<std::string> pieces_of(std::string_view text, char separator);
[[nodiscard]] std::string lower_ascii(std::string_view text);

}  // namespace patchbay::twin
