// The units of the configuration: 500ms, 15s, 2h, 90d · 64MB · 20%. Pure functions of text, used
// by the settings and by command line options (--sample 5%).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

/// A whole number and ms, s, m, h or d, without a blank. nullopt: something else, or over 100
/// years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// A whole number and B, KB, MB, GB or TB; 1KB = 1,024 B. nullopt: something else, or over 8 EB.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text);
/// `20%`, `0.5%` as 0.2, 0.005; from 0 % to 100 %.
[[nodiscard]] std::optional<double> parse_share(std::string_view text);
/// Decimal digits only, no sign.
[[nodiscard]] std::optional<std::int64_t> parse_whole(std::string_view text);

/// The shortest way to write it in these units: 60s as 1m, 1500ms as 1500ms.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds span);
[[nodiscard]] std::string size_text(std::int64_t bytes);

}  // namespace patchbay
