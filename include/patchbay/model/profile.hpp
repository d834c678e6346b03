// What a drop looks like as a whole, in numbers that two drops of one job can be compared by.
// No cell's text is kept in it. Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

/// A mapped column, over the rows that were sampled.
struct column_profile {
  std::int64_t empty = 0;  ///< cells with nothing or blanks alone in them
  bool equal = true;       ///< all cells hold the same text

  friend bool operator==(const column_profile&, const column_profile&) = default;
};

struct drop_profile {
  std::int64_t rows = 0;     ///< data rows of the drop
  std::int64_t sampled = 0;  ///< of them, those that were looked at
  std::int64_t damaged = 0;  ///< of the sampled: not of the encoding, or decoded to rubbish
  /// Every column of the header; nullopt: no field is mapped to it.
  std::map<std::string, std::optional<column_profile>, std::less<>> columns;

  friend bool operator==(const drop_profile&, const drop_profile&) = default;
};

/// True for text that was written in one encoding and read in another: it holds the replacement
/// character, or the pairs that UTF-8 letters become when they are read byte by byte. UTF-8.
[[nodiscard]] bool looks_misread(std::string_view text);

}  // namespace patchbay
