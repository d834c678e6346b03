// The marker beside a drop (customers_1.csv.done): its presence says that the drop is complete,
// its text may say what the drop must be. Lines `name: value` or `name=value`, one a line; a line
// of sha256sum's is understood, free text such as "OK" says nothing. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/instant.hpp"

namespace patchbay {

/// What the producer promises; nullopt or empty: not said.
struct drop_marker {
  std::optional<std::int64_t> rows;   ///< data rows, the header not counted
  std::optional<std::int64_t> bytes;  ///< of the file as delivered, packed or not
  std::string sha256;                 ///< of the file as delivered; 64 hex digits, lower case
  std::optional<std::int64_t> sequence;
  std::optional<wall_time> as_of;

  friend bool operator==(const drop_marker&, const drop_marker&) = default;
};

/// MARKER_UNREADABLE: a known name with a value that cannot be its own, twice, or misspelt.
[[nodiscard]] result<drop_marker> parse_marker(std::string_view text);

}  // namespace patchbay
