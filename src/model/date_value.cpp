#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

#include "cell_value.hpp"

namespace patchbay {
namespace {

struct date_parts {
  int year = 0;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int offset_minutes = 0;
};

/// Reads from the front of a cell; every step says whether it fitted.
class cell_cursor {
 public:
  explicit cell_cursor(std::string_view cell) : rest_(cell) {}

  bool digits(std::size_t count, int& into) {
    if (rest_.size() < count) return false;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      number = number * 10 + (rest_[i] - '0');
    }
    into = number;
    rest_.remove_prefix(count);
    return true;
  }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void fraction() {
    if (!literal('.') && !literal(',')) return;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') rest_.remove_prefix(1);
  }
  /// Z, +0100, +01:00
  bool zone(int& minutes) {
    if (literal('Z')) {
      minutes = 0;
      return true;
    }
    const bool behind = !rest_.empty() && rest_.front() == '-';
    if (!literal('+') && !literal('-')) return false;
    int hour = 0;
    int minute = 0;
    if (!digits(2, hour)) return false;
    literal(':');
    if (!digits(2, minute)) return false;
    minutes = (behind ? -1 : 1) * (hour * 60 + minute);
    return true;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_one(cell_cursor& cursor, char what, date_parts& parts) {
  switch (what) {
    case 'Y':
      return cursor.digits(4, parts.year);
    case 'y': {
      if (!cursor.digits(2, parts.year)) return false;
      parts.year += parts.year < 69 ? 2000 : 1900;  // as strptime does (POSIX)
      return true;
    }
    case 'm':
      return cursor.digits(2, parts.month);
    case 'd':
      return cursor.digits(2, parts.day);
    case 'H':
      return cursor.digits(2, parts.hour);
    case 'M':
      return cursor.digits(2, parts.minute);
    case 'S':
      return cursor.digits(2, parts.second);
    case 'z':
      return cursor.zone(parts.offset_minutes);
    case '%':
      return cursor.literal('%');
    default:
      return false;
  }
}

bool read_format(cell_cursor& cursor, std::string_view format, date_parts& parts) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool directive = format[i] == '%' && i + 1 < format.size();
    const bool fitted =
        directive ? read_one(cursor, format[++i], parts) : cursor.literal(format[i]);
    if (!fitted) return false;
  }
  return cursor.at_end();
}

/// ISO 8601: 2026-11-23, with time 2026-11-23T02:15[:00[.123]][Z|+01:00], blank for T allowed.
bool read_iso(cell_cursor& cursor, bool with_time, date_parts& parts) {
  if (!read_one(cursor, 'Y', parts) || !cursor.literal('-') || !read_one(cursor, 'm', parts) ||
      !cursor.literal('-') || !read_one(cursor, 'd', parts)) {
    return false;
  }
  if (!with_time || cursor.at_end()) return cursor.at_end();
  if (!cursor.literal('T') && !cursor.literal(' ')) return false;
  if (!read_one(cursor, 'H', parts) || !cursor.literal(':') || !read_one(cursor, 'M', parts)) {
    return false;
  }
  if (cursor.literal(':')) {
    if (!read_one(cursor, 'S', parts)) return false;
    cursor.fraction();
  }
  return cursor.at_end() || (cursor.zone(parts.offset_minutes) && cursor.at_end());
}

std::optional<std::chrono::sys_seconds> moment_of(const date_parts& parts) {
  using namespace std::chrono;
  const year_month_day date{year(parts.year), month(static_cast<unsigned>(parts.month)),
                            day(static_cast<unsigned>(parts.day))};
  const bool ranged = date.ok() && parts.year >= 1 && parts.hour < 24 && parts.minute < 60 &&
                      parts.second < 60 && parts.offset_minutes > -1440 &&
                      parts.offset_minutes < 1440;
  if (!ranged) return std::nullopt;
  return sys_days(date) + hours(parts.hour) + minutes(parts.minute) + seconds(parts.second) -
         minutes(parts.offset_minutes);
}

}  // namespace

result<std::string> parse_date(std::string_view cell, std::string_view format, bool with_time) {
  date_parts parts;
  cell_cursor cursor(cell);
  const bool read =
      format.empty() ? read_iso(cursor, with_time, parts) : read_format(cursor, format, parts);
  const auto moment = read ? moment_of(parts) : std::nullopt;
  if (!moment) {
    const std::string expected = format.empty() ? "YYYY-MM-DD" : std::string(format);
    return fault{"CELL_NOT_A_DATE", "a date like " + expected + " was expected"};
  }
  // A date alone is what the cell says, whatever zone stands beside it.
  const auto shown = with_time ? *moment : *moment + std::chrono::minutes(parts.offset_minutes);
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const std::chrono::year_month_day date(day);
  std::array<char, 40> text{};
  if (!with_time) {
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return std::string(text.data());
  }
  const std::chrono::hh_mm_ss clock(*moment - day);
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02ld:%02ld:%02ldZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<long>(clock.hours().count()),
                static_cast<long>(clock.minutes().count()),
                static_cast<long>(clock.seconds().count()));
  return std::string(text.data());
}

std::optional<std::chrono::sys_seconds> iso_moment(std::string_view text) {
  date_parts parts;
  cell_cursor cursor(text);
  return read_iso(cursor, true, parts) ? moment_of(parts) : std::nullopt;
}

}  // namespace patchbay
