#include "cell_encoding.hpp"

#include <algorithm>
#include <cctype>

#include <iconv.h>

#include "patchbay/model/text.hpp"
#include "utf16_source.hpp"

namespace patchbay {
namespace {

std::string lower_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return static_cast<char>(c == '_' ? '-' : std::tolower(c));
  });
  return lower;
}

/// The name as iconv knows it; empty: not one of ours.
std::string one_byte_name(const std::string& name) {
  if (name == "us-ascii" || name == "ascii") return "US-ASCII";
  if (name == "latin1" || name == "latin-1") return "ISO-8859-1";
  for (const std::string_view prefix : {"windows-125", "cp125"}) {
    if (name.starts_with(prefix) && name.size() == prefix.size() + 1 && name.back() >= '0' &&
        name.back() <= '8') {
      return std::string("CP125") + name.back();
    }
  }
  for (const std::string_view prefix : {"iso-8859-", "iso8859-"}) {
    if (!name.starts_with(prefix)) continue;
    const std::string part = name.substr(prefix.size());
    const bool digits =
        !part.empty() && part.size() <= 2 &&
        std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (digits) return "ISO-8859-" + part;
  }
  return {};
}

fault unsupported(std::string_view name) {
  return {"CSV_ENCODING_UNSUPPORTED", "the encoding " + std::string(name) +
                                          " is not supported: use utf-8, utf-16le, "
                                          "utf-16be, windows-1250 to windows-1258 or iso-8859-1 "
                                          "to iso-8859-16"};
}

/// The character of one byte; empty: there is none.
std::string convert(iconv_t converter, char byte) {
  std::array<char, 8> out{};
  char* from = &byte;
  char* to = out.data();
  std::size_t from_left = 1;
  std::size_t to_left = out.size();
  iconv(converter, nullptr, nullptr, nullptr, nullptr);
  if (iconv(converter, &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1)) {
    return {};
  }
  // A byte may be held back to see whether a combining one follows (windows-1258): flush it.
  iconv(converter, nullptr, nullptr, &to, &to_left);
  return {out.data(), out.size() - to_left};
}

}  // namespace

result<cell_encoding> cell_encoding::make(std::string_view name) {
  cell_encoding made;
  made.name_ = lower_name(name);
  // UTF-16 is read as UTF-8 (utf16_source).
  if (made.name_ == "utf-8" || made.name_ == "utf8" || is_utf16(made.name_)) return made;
  const std::string source = one_byte_name(made.name_);
  if (source.empty()) return unsupported(name);
  const iconv_t converter = iconv_open("UTF-8", source.c_str());
  // iconv says "none" with a pointer of all ones.
  if (converter == reinterpret_cast<iconv_t>(-1)) return unsupported(name);
  made.utf8_ = false;
  for (std::size_t byte = 0; byte < made.table_.size(); ++byte) {
    made.table_[byte] = convert(converter, static_cast<char>(byte));
  }
  iconv_close(converter);
  return made;
}

std::optional<std::string> cell_encoding::decode(std::string_view bytes) const {
  if (utf8_) {
    if (!valid_utf8(bytes)) return std::nullopt;
    return std::string(bytes);
  }
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char byte : bytes) {
    const std::string& character = table_[static_cast<unsigned char>(byte)];
    if (character.empty()) return std::nullopt;
    out += character;
  }
  return out;
}

}  // namespace patchbay
