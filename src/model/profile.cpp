#include "patchbay/model/profile.hpp"

namespace patchbay {
namespace {

/// `first`, and right after it a character whose UTF-8 begins with `second`.
bool holds_pair(std::string_view text, std::string_view first, char second) {
  for (std::size_t at = text.find(first); at != std::string_view::npos;
       at = text.find(first, at + 1)) {
    const std::size_t next = at + first.size();
    if (next < text.size() && text[next] == second) return true;
  }
  return false;
}

}  // namespace

bool looks_misread(std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  // The first byte of nearly all Western letters in UTF-8, read as a character of its own.
  constexpr std::string_view a_tilde = "\xC3\x83";
  constexpr std::string_view a_circumflex = "\xC3\x82";
  // What the second byte becomes: U+0080 … U+00BF, in windows-1252 also signs such as „ and ™.
  constexpr char latin = '\xC2';
  constexpr char signs = '\xE2';
  return text.find(replacement) != std::string_view::npos || holds_pair(text, a_tilde, latin) ||
         holds_pair(text, a_tilde, signs) || holds_pair(text, a_circumflex, latin);
}

}  // namespace patchbay
