#include "cell_value.hpp"

#include <algorithm>
#include <vector>

#include "patchbay/model/text.hpp"

namespace patchbay {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

fault not_a_number(bool whole) {
  return {"CELL_NOT_A_NUMBER", whole ? "a whole number was expected" : "a number was expected"};
}

/// Digits of the file in JSON's number grammar: blanks and thousands separators go, a trailing
/// minus (SAP) comes to the front, leading zeros go.
result<value> number_value(std::string_view cell, bool whole, bool comma) {
  const char point = comma ? ',' : '.';
  const char thousands = comma ? '.' : ',';
  std::string text;
  bool negative = false;
  bool seen_point = false;
  std::size_t since_separator = 0;
  bool separated = false;
  std::string cell_text(cell);
  if (!cell_text.empty() && cell_text.back() == '-') {
    cell_text.pop_back();
    cell_text.insert(cell_text.begin(), '-');
  }
  for (std::size_t i = 0; i < cell_text.size(); ++i) {
    const char c = cell_text[i];
    if (is_digit(c)) {
      text += c;
      ++since_separator;
    } else if ((c == '-' || c == '+') && i == 0) {
      negative = c == '-';
    } else if (c == point && !seen_point && !text.empty()) {
      if (separated && since_separator != 3) return not_a_number(whole);
      seen_point = true;
      text += '.';
    } else if ((c == thousands || c == '\'' || c == ' ') && !seen_point && !text.empty()) {
      if (separated ? since_separator != 3 : since_separator > 3) return not_a_number(whole);
      separated = true;
      since_separator = 0;
    } else {
      return not_a_number(whole);
    }
  }
  if (text.empty() || text.back() == '.' || (separated && !seen_point && since_separator != 3)) {
    return not_a_number(whole);
  }
  if (whole && seen_point) return not_a_number(whole);
  const std::size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
  text.erase(0, text[first] == '.' ? first - 1 : first);
  return value{(negative ? "-" : "") + text};
}

result<value> boolean_value(std::string_view cell) {
  const std::string word = lowered(cell);
  for (const std::string_view yes : {"true", "1", "yes", "y", "t", "x"}) {
    if (word == yes) return value{"true"};
  }
  for (const std::string_view no : {"false", "0", "no", "n", "f"}) {
    if (word == no) return value{"false"};
  }
  return fault{"CELL_NOT_A_BOOLEAN",
               "true/false, yes/no, 1/0 or x was expected; use map: for others"};
}

/// Plausible, not proven: the API has the last word.
bool plausible_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) {
    return false;
  }
  const std::string_view domain = text.substr(at + 1);
  if (domain.empty() || domain.find('.') == std::string_view::npos) return false;
  if (domain.front() == '.' || domain.back() == '.') return false;
  return text.find_first_of(" ,;<>()[]\\\"\t") == std::string_view::npos && text.size() <= 254;
}

result<value> tags_value(std::string_view cell) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= cell.size()) {
    const std::size_t end = std::min(cell.find(',', begin), cell.size());
    std::string name = trimmed(cell.substr(begin, end - begin));
    if (!name.empty()) names.push_back(std::move(name));
    begin = end + 1;
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  constexpr std::size_t most = 10;
  if (names.size() > most) return fault{"TAGS_TOO_MANY", "a customer has at most 10 tags"};
  std::string json = "[";
  for (const std::string& name : names) {
    if (json.size() > 1) json += ',';
    json += string_value(name).json;
  }
  return value{json + "]"};
}

result<value> text_value(std::string_view cell, const field_spec& spec) {
  const auto control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
  };
  if (std::any_of(cell.begin(), cell.end(), control)) {
    return fault{"CELL_CONTROL_CHARACTER", "the cell holds a control character"};
  }
  if (spec.name == "email" && !plausible_email(cell)) {
    return fault{"EMAIL_INVALID", "an e-mail address was expected"};
  }
  if (spec.kind == field_kind::tags) return tags_value(cell);
  return string_value(cell);
}

}  // namespace

result<value> cell_value(std::string_view cell, const field_spec& spec, bool decimal_comma,
                         json_canonicaliser json) {
  switch (spec.type) {
    case field_type::string:
      return text_value(cell, spec);
    case field_type::integer:
      return number_value(cell, true, decimal_comma);
    case field_type::decimal:
      return number_value(cell, false, decimal_comma);
    case field_type::boolean:
      return boolean_value(cell);
    case field_type::date:
    case field_type::datetime: {
      const result<std::string> date =
          parse_date(cell, spec.format, spec.type == field_type::datetime);
      if (!date) return date.error();
      return string_value(*date);
    }
    case field_type::json: {
      const result<value> made = json(cell);
      if (!made) return fault{"CELL_NOT_JSON", made.error().message};
      return *made;
    }
  }
  return fault{"CELL_NOT_A_NUMBER", "unknown type"};
}

}  // namespace patchbay
