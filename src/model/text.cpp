#include "patchbay/model/text.hpp"

#include <cstdlib>
#include <memory>

#include <utf8proc.h>

namespace patchbay {
namespace {

using rune = utf8proc_int32_t;

/// The next code point of valid UTF-8; advances `at`. Negative: not valid here.
rune next_rune(std::string_view text, std::size_t& at) {
  rune code = -1;
  const utf8proc_ssize_t used =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                       static_cast<utf8proc_ssize_t>(text.size() - at), &code);
  if (used <= 0) return -1;
  at += static_cast<std::size_t>(used);
  return code;
}

void append(std::string& out, rune code) {
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t size = utf8proc_encode_char(code, bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool is_blank(rune code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 ||
         utf8proc_category(code) == UTF8PROC_CATEGORY_ZS;
}

template <class Change>
std::string mapped(std::string_view text, Change change) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const rune code = next_rune(text, at);
    if (code < 0) break;
    append(out, change(code));
  }
  return out;
}

}  // namespace

bool valid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
    } else if (next_rune(text, at) < 0) {
      return false;
    }
  }
  return true;
}

std::string trimmed(std::string_view text) {
  std::size_t first = text.size();
  std::size_t last = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = at;
    const rune code = next_rune(text, at);
    if (code < 0) return std::string(text);
    if (is_blank(code)) continue;
    if (first == text.size()) first = begin;
    last = at;
  }
  return first >= last ? std::string() : std::string(text.substr(first, last - first));
}

std::string lowered(std::string_view text) {
  return mapped(text, [](rune code) { return utf8proc_tolower(code); });
}

std::string uppered(std::string_view text) {
  return mapped(text, [](rune code) { return utf8proc_toupper(code); });
}

std::string collapsed(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  bool in_blanks = false;
  while (at < text.size()) {
    const rune code = next_rune(text, at);
    if (code < 0) break;
    const bool blank = is_blank(code);
    if (!blank) {
      append(out, code);
    } else if (!in_blanks) {
      out += ' ';
    }
    in_blanks = blank;
  }
  return out;
}

std::string composed(std::string_view text) {
  utf8proc_uint8_t* made = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &made,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owned(made, std::free);
  if (size < 0) return std::string(text);
  return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

std::string transformed(std::string_view text, std::span<const transform> steps) {
  std::string out(text);
  for (const transform step : steps) {
    switch (step) {
      case transform::trim:
        out = trimmed(out);
        break;
      case transform::lower:
        out = lowered(out);
        break;
      case transform::upper:
        out = uppered(out);
        break;
      case transform::collapse:
        out = collapsed(out);
        break;
      case transform::nfc:
        out = composed(out);
        break;
    }
  }
  return out;
}

}  // namespace patchbay
