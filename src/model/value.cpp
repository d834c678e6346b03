#include "patchbay/model/value.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace patchbay {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// A decimal as sign, significant digits and the power of ten of the last digit's left neighbour.
struct decimal_parts {
  bool negative = false;
  std::string digits;  ///< no leading and no trailing zeros; empty for zero
  std::int64_t exponent = 0;

  friend bool operator==(const decimal_parts&, const decimal_parts&) = default;
};

decimal_parts split_number(std::string_view text) {
  decimal_parts parts;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) parts.negative = text[at++] == '-';
  std::int64_t point = 0;
  bool after_point = false;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '.') {
      after_point = true;
      continue;
    }
    parts.digits.push_back(text[at]);
    if (!after_point) ++point;
  }
  std::int64_t exponent = 0;
  if (at < text.size()) {
    ++at;
    bool down = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) down = text[at++] == '-';
    for (; at < text.size() && exponent < 1'000'000'000; ++at) {
      exponent = exponent * 10 + (text[at] - '0');
    }
    if (down) exponent = -exponent;
  }
  const std::size_t first = parts.digits.find_first_not_of('0');
  if (first == std::string::npos) return {};
  parts.digits.erase(0, first);
  parts.exponent = point - static_cast<std::int64_t>(first) + exponent;
  parts.digits.erase(parts.digits.find_last_not_of('0') + 1);
  return parts;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0U | (code >> 6U)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0U | (code >> 12U)));
    out.push_back(static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
  } else {
    out.push_back(static_cast<char>(0xF0U | (code >> 18U)));
    out.push_back(static_cast<char>(0x80U | ((code >> 12U) & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
  }
}

std::uint32_t read_hex4(std::string_view text, std::size_t at) {
  std::uint32_t code = 0;
  for (std::size_t i = at; i < at + 4 && i < text.size(); ++i) {
    const char c = text[i];
    const std::size_t digit = hex_digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    code = code * 16 + static_cast<std::uint32_t>(digit == std::string_view::npos ? 0 : digit);
  }
  return code;
}

}  // namespace

value null_value() {
  return {"null"};
}

value string_value(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\n':
        json += "\\n";
        break;
      case '\r':
        json += "\\r";
        break;
      case '\t':
        json += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          json += "\\u00";
          json += hex_digits[static_cast<unsigned char>(c) >> 4U];
          json += hex_digits[static_cast<unsigned char>(c) & 0xFU];
        } else {
          json += c;
        }
    }
  }
  json += '"';
  return {json};
}

bool is_null(const value& v) {
  return v.json == "null";
}
bool is_string(const value& v) {
  return !v.json.empty() && v.json.front() == '"';
}
bool is_number(const value& v) {
  return !v.json.empty() &&
         (v.json.front() == '-' || (v.json.front() >= '0' && v.json.front() <= '9'));
}

std::string plain_text(const value& v) {
  if (!is_string(v) || v.json.size() < 2) return v.json;
  const std::string_view text(v.json.data() + 1, v.json.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    switch (text[++i]) {
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'u': {
        std::uint32_t code = read_hex4(text, i + 1);
        i += 4;
        if (code >= 0xD800 && code < 0xDC00 && i + 6 < text.size() && text[i + 1] == '\\') {
          code = 0x10000 + ((code - 0xD800) << 10U) + (read_hex4(text, i + 3) - 0xDC00);
          i += 6;
        }
        append_utf8(out, code);
        break;
      }
      default:
        out.push_back(text[i]);
    }
  }
  return out;
}

bool same_number(std::string_view a, std::string_view b) {
  return split_number(a) == split_number(b);
}

bool same(const value& a, const value& b) {
  if (a.json == b.json) return true;
  return is_number(a) && is_number(b) && same_number(a.json, b.json);
}

}  // namespace patchbay
