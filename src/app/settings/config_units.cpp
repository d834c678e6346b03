#include "patchbay/app/config_units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace patchbay {
namespace {

struct unit {
  std::string_view name;
  std::int64_t worth;
};

/// Larger units first: duration_text() and size_text() take the first that divides.
constexpr std::array<unit, 5> duration_units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<unit, 5> size_units{
    {{"TB", 1LL << 40}, {"GB", 1LL << 30}, {"MB", 1LL << 20}, {"KB", 1LL << 10}, {"B", 1}}};
constexpr std::int64_t century_ms = 36'525LL * 86'400'000;

template <std::size_t N>
std::optional<std::int64_t> parse_with(const std::array<unit, N>& units, std::string_view text,
                                       std::int64_t most) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_whole(text.substr(0, digits));
  if (!number) return {};
  for (const unit& known : units) {
    if (text.substr(digits) != known.name) continue;
    if (*number > most / known.worth) return {};
    return *number * known.worth;
  }
  return {};
}

template <std::size_t N>
std::string write_with(const std::array<unit, N>& units, std::int64_t amount) {
  for (const unit& known : units) {
    if (amount != 0 && amount % known.worth == 0) {
      return std::to_string(amount / known.worth) + std::string(known.name);
    }
  }
  return std::to_string(amount) + std::string(units.back().name);
}

}  // namespace

std::optional<std::int64_t> parse_whole(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return {};
  return number;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto amount = parse_with(duration_units, text, century_ms);
  if (!amount) return {};
  return std::chrono::milliseconds(*amount);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  return parse_with(size_units, text, std::numeric_limits<std::int64_t>::max());
}

std::optional<double> parse_share(std::string_view text) {
  if (text.size() < 2 || text.back() != '%') return {};
  text.remove_suffix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const auto number = parse_whole(whole);
  if (!number || *number > 100 || whole.size() > 3) return {};
  double percent = static_cast<double>(*number);
  if (point != std::string_view::npos) {
    const std::string_view digits = text.substr(point + 1);
    const auto part = parse_whole(digits);
    if (!part || digits.size() > 9) return {};
    double worth = 1;
    for (std::size_t i = 0; i < digits.size(); ++i) worth *= 10;
    percent += static_cast<double>(*part) / worth;
  }
  if (percent > 100) return {};
  return percent / 100;
}

std::string duration_text(std::chrono::milliseconds span) {
  return write_with(duration_units, span.count());
}

std::string size_text(std::int64_t bytes) {
  return write_with(size_units, bytes);
}

}  // namespace patchbay
