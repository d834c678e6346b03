#include "patchbay/twin/json_object.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "patchbay/model/value.hpp"

namespace patchbay::twin {

json_object& json_object::add(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_ += '"';
  text_ += name;
  text_ += "\":";
  text_ += json;
  return *this;
}

json_object& json_object::add_text(std::string_view name, std::string_view text) {
  return add(name, string_value(text).json);
}

json_object& json_object::add_number(std::string_view name, long long number) {
  return add(name, std::to_string(number));
}

json_object& json_object::add_bool(std::string_view name, bool yes) {
  return add(name, yes ? "true" : "false");
}

std::string json_array(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const std::string& element : elements) {
    if (text.size() > 1) text += ',';
    text += element;
  }
  return text + ']';
}

std::vector<std::string> elements_of(std::string_view canonical_array) {
  std::vector<std::string> found;
  if (canonical_array.size() <= 2 || canonical_array.front() != '[') return found;
  const std::string_view inside = canonical_array.substr(1, canonical_array.size() - 2);
  std::size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < inside.size(); ++at) {
    const char c = inside[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0) {
      found.emplace_back(inside.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  found.emplace_back(inside.substr(begin));
  return found;
}

std::string iso_time(wall_time at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> time{at - day};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text.data();
}

std::vector<std::string> pieces_of(std::string_view text, char separator) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    found.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace patchbay::twin
