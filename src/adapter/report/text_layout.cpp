#include "patchbay/adapter/report/text_layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace patchbay {
namespace {

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Bytes of the control sequence at the front: C0, DEL, C1 and the bidirectional overrides.
std::size_t control_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;
  const bool override_mark =
      byte(0) == 0xE2 && ((byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) ||
                          (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9));
  return override_mark ? 3 : 0;
}

void append_escaped(std::string& out, std::string_view bytes) {
  if (bytes == "\n") {
    out += "\\n";
  } else if (bytes == "\r") {
    out += "\\r";
  } else if (bytes == "\t") {
    out += "\\t";
  } else {
    for (const char c : bytes) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", static_cast<unsigned char>(c));
      out += hex.data();
    }
  }
}

struct utc_parts {
  int year;
  unsigned month;
  unsigned day;
  int hour;
  int minute;
  int second;
};

utc_parts parts_of(wall_time when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  return {int{date.year()},
          unsigned{date.month()},
          unsigned{date.day()},
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count())};
}

std::string format_time(wall_time when, const char* format) {
  const utc_parts p = parts_of(when);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, p.year, p.month, p.day, p.hour, p.minute,
                p.second);
  return text.data();
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = control_bytes(text.substr(at));
    if (bytes == 0) {
      out += text[at++];
    } else {
      append_escaped(out, text.substr(at, bytes));
      at += bytes;
    }
  }
  return out;
}

std::string shown(const std::optional<value>& one, std::string_view unknown) {
  if (!one) return std::string(unknown);
  return is_null(*one) ? "(nothing)" : printable(plain_text(*one));
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string clipped(std::string_view text, std::size_t most) {
  if (width_of(text) <= most) return std::string(text);
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (begins_character(text[at]) && ++characters == most) {
      return std::string(text.substr(0, at)) + "…";
    }
  }
  return {};
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t own = width_of(text);
  return std::string(text) + std::string(width > own ? width - own : 0, ' ');
}

std::string right_padded(std::string_view text, std::size_t width) {
  const std::size_t own = width_of(text);
  return std::string(width > own ? width - own : 0, ' ') + std::string(text);
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  const std::string margin(indent, ' ');
  std::string out;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string word = clipped(text.substr(0, end), width - indent);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && indent + width_of(line) + 1 + width_of(word) > width) {
      out += margin + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + margin + line + "\n";
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string counted(std::int64_t number, std::string_view one, std::string_view many) {
  return grouped(number) + " " + std::string(number == 1 ? one : many);
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::int64_t step = 1'000;
  if (bytes < step) return std::to_string(bytes) + " B";
  auto size = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* const next : {"kB", "MB", "GB", "TB"}) {
    if (size < step) break;
    size /= step;
    unit = next;
  }
  char text[40];
  std::snprintf(text, sizeof text, size < 10 ? "%.1f %s" : "%.0f %s", size, unit);
  return text;
}

std::string span_text(double seconds) {
  if (!(seconds >= 0) || seconds > 1e11) return "?";
  const std::int64_t whole = std::llround(seconds);
  const auto two = [](std::int64_t large, const char* a, std::int64_t small, const char* b) {
    std::string text = std::to_string(large) + a;
    if (small > 0) text += " " + std::to_string(small) + b;
    return text;
  };
  if (whole < 120) return std::to_string(whole) + " s";
  const std::int64_t minutes = (whole + 30) / 60;
  if (minutes < 60) return std::to_string(minutes) + " min";
  if (minutes < 48 * 60) return two(minutes / 60, " h", minutes % 60, " min");
  return two(minutes / 1440, " d", minutes % 1440 / 60, " h");
}

std::string took_text(wall_time started, wall_time finished) {
  using std::chrono::seconds;
  const auto whole = std::chrono::floor<seconds>(finished) - std::chrono::floor<seconds>(started);
  return span_text(static_cast<double>(whole.count()));
}

std::string utc_text(wall_time when) {
  return format_time(when, "%04d-%02u-%02uT%02d:%02d:%02dZ");
}

std::string day_text(wall_time when) {
  return format_time(when, "%04d-%02u-%02u %02d:%02d:%02d UTC");
}

wall_time parse_utc(std::string_view text) {
  utc_parts p{};
  char zone = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%c", &p.year, &p.month, &p.day, &p.hour,
                  &p.minute, &p.second, &zone) != 7 ||
      zone != 'Z') {
    return {};
  }
  const std::chrono::year_month_day date(std::chrono::year(p.year), std::chrono::month(p.month),
                                         std::chrono::day(p.day));
  if (!date.ok()) return {};
  return std::chrono::sys_days(date) + std::chrono::hours(p.hour) + std::chrono::minutes(p.minute) +
         std::chrono::seconds(p.second);
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? padded(row[i], widths[i]) + "  " : row[i];
    }
    line = clipped(line, report_columns);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace patchbay
