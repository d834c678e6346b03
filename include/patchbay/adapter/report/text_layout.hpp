// How numbers, times and foreign text look in what people read. Foreign text (cells, messages of
// the API) may hold anything: control characters never reach a terminal or a mail. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {

inline constexpr std::size_t report_columns = 100;  ///< no line of a text report is longer

/// Control characters, also those that turn the direction of text, become \n, \t or \x1b.
[[nodiscard]] std::string printable(std::string_view text);
/// A customer's value for a person; `unknown` where there is none.
[[nodiscard]] std::string shown(const std::optional<value>& one, std::string_view unknown);
/// Characters, not bytes.
[[nodiscard]] std::size_t width_of(std::string_view text);
/// At most `most` characters, the last of them "…" where something is cut.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t most);
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);  ///< left
[[nodiscard]] std::string right_padded(std::string_view text,
                                       std::size_t width);  ///< right-aligned
/// Broken at blanks into lines of at most `width`, each begun with `indent` blanks.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

[[nodiscard]] std::string grouped(std::int64_t number);  ///< 12,000
/// "1 row", "2 rows".
[[nodiscard]] std::string counted(std::int64_t number, std::string_view one, std::string_view many);
[[nodiscard]] std::string bytes_text(std::int64_t bytes);  ///< "812 B", "1.7 GB": powers of 1,000
[[nodiscard]] std::string span_text(double seconds);  ///< "4 s", "3 min", "2 h 5 min", "3 d 4 h"
/// Between the whole seconds of both, as the JSON of a run has them: told alike by who has the run
/// at hand and by who reads it again.
[[nodiscard]] std::string took_text(wall_time started, wall_time finished);
[[nodiscard]] std::string utc_text(wall_time when);  ///< 2026-11-23T02:15:04Z, as in JSON
[[nodiscard]] std::string day_text(wall_time when);  ///< 2026-11-23 02:15:04 UTC
/// Reads utc_text() again; the epoch for anything else.
[[nodiscard]] wall_time parse_utc(std::string_view text);

/// Rows of cells as columns two blanks apart; the last column is cut at report_columns.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows,
                                std::size_t indent);

}  // namespace patchbay
