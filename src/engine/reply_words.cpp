#include "reply_words.hpp"

namespace patchbay {

std::string words_of(std::string_view method, const verdict& said) {
  std::string words(method);
  if (said.kind == verdict_kind::confirmed && said.message.empty()) return words + " confirmed";
  if (said.refusals.empty()) return words + ": " + said.message;
  words += " refused: ";
  bool first = true;
  for (const refusal& one : said.refusals) {
    if (!first) words += ", ";
    first = false;
    words += one.code;
    if (!one.field.empty()) words += " (" + one.field + ")";
  }
  return words;
}

}  // namespace patchbay
