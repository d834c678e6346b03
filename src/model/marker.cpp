#include "patchbay/model/marker.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "cell_value.hpp"
#include "patchbay/model/nearest.hpp"
#include "patchbay/model/text.hpp"

namespace patchbay {
namespace {

constexpr std::size_t sha256_digits = 64;
const std::array<std::string, 5> names{"rows", "bytes", "sha256", "sequence", "as_of"};

fault unreadable(std::size_t line, const std::string& why) {
  return {"MARKER_UNREADABLE", "line " + std::to_string(line) + " of the marker: " + why};
}

std::string lower(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return made;
}

bool is_sha256(std::string_view text) {
  return text.size() == sha256_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool read_count(std::string_view text, std::optional<std::int64_t>& into) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0) return false;
  into = number;
  return true;
}

/// What `name` must look like; empty: it was read.
std::string read_value(const std::string& name, const std::string& text, drop_marker& into) {
  constexpr const char* a_number = "a whole number of digits alone";
  if (name == "rows") return read_count(text, into.rows) ? "" : a_number;
  if (name == "bytes") return read_count(text, into.bytes) ? "" : a_number;
  if (name == "sequence") return read_count(text, into.sequence) ? "" : a_number;
  if (name == "sha256") {
    into.sha256 = lower(text);
    return is_sha256(into.sha256) ? "" : "64 hex digits";
  }
  const auto moment = iso_moment(text);
  if (!moment) return "a time such as 2026-11-23T02:15:00Z";
  into.as_of = *moment;
  return "";
}

/// One line; what is wrong with it, or nothing.
std::string read_line(std::string_view line, std::set<std::string>& seen, drop_marker& into) {
  const std::string digest = lower(line.substr(0, sha256_digits));
  const bool summed =
      is_sha256(digest) && (line.size() == sha256_digits || line[sha256_digits] == ' ');
  const std::size_t at = line.find_first_of(":=");
  if (!summed && at == std::string_view::npos) return "";
  const std::string name = summed ? "sha256" : lower(trimmed(line.substr(0, at)));
  const std::string text = summed ? digest : trimmed(line.substr(at + 1));
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const auto near = nearest(name, names);
    return near ? "\"" + name + "\" is not known; did you mean \"" + *near + "\"?" : "";
  }
  if (!seen.insert(name).second) return name + " is said twice";
  const std::string expected = read_value(name, text, into);
  return expected.empty() ? "" : name + " must be " + expected + ", found \"" + text + "\"";
}

}  // namespace

result<drop_marker> parse_marker(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  drop_marker made;
  std::set<std::string> seen;
  std::size_t number = 1;
  if (!valid_utf8(text)) return unreadable(number, "it is not text");
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = trimmed(text.substr(0, end));
    const std::string wrong = read_line(line, seen, made);
    if (!wrong.empty()) return unreadable(number, wrong);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
  }
  return made;
}

}  // namespace patchbay
