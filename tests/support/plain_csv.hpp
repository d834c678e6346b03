// Splitters so plain that they can be believed: what the scan and the cells are compared with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::testing {

struct plain_record {
  std::string bytes;
  std::int64_t line;

  friend bool operator==(const plain_record&, const plain_record&) = default;
};

struct plain_drop {
  std::vector<plain_record> records;
  bool unclosed = false;
};

/// Semicolons and double quotes, one byte after the other, as the rules say it.
inline plain_drop cut_plainly(const std::string& text) {
  plain_drop made;
  std::string record;
  std::int64_t line = 1;
  std::int64_t begun = 1;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool next_same = at + 1 < text.size() && text[at + 1] == c;
    if (c == '"' && quoted && next_same) {
      record += "\"\"";
      ++at;
      continue;
    }
    if (c == '"' && (quoted || record.empty() || record.back() == ';')) quoted = !quoted;
    const bool pair = c == '\n' && at > 0 && text[at - 1] == '\r';
    if ((c == '\n' && !pair) || c == '\r') ++line;
    if (quoted || (c != '\n' && c != '\r')) {
      record += c;
      continue;
    }
    if (!record.empty()) made.records.push_back({record, begun});
    record.clear();
    begun = line;
  }
  made.unclosed = quoted;
  if (!quoted && !record.empty()) made.records.push_back({record, begun});
  return made;
}

}  // namespace patchbay::testing
