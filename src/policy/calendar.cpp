#include "patchbay/policy/calendar.hpp"

#include <array>
#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace patchbay {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;

/// One of the five fields: its bounds and the names it knows besides numbers.
struct field_shape {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names;  ///< the first stands for `least`
};

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed",
                                                        "thu", "fri", "sat"};
const std::array<field_shape, 5> shapes{{{"minute", 0, 59, {}},
                                         {"hour", 0, 23, {}},
                                         {"day of month", 1, 31, {}},
                                         {"month", 1, 12, month_names},
                                         {"day of week", 0, 7, weekday_names}}};

struct shorthand {
  std::string_view name;
  std::string_view expression;
};
constexpr std::array<shorthand, 7> shorthands{{{"@hourly", "0 * * * *"},
                                               {"@daily", "0 0 * * *"},
                                               {"@midnight", "0 0 * * *"},
                                               {"@weekly", "0 0 * * 0"},
                                               {"@monthly", "0 0 1 * *"},
                                               {"@yearly", "0 0 1 1 *"},
                                               {"@annually", "0 0 1 1 *"}}};

constexpr int most_days = 41 * 366;

fault invalid(const field_shape& shape, std::string_view part, std::string_view why) {
  return {"CRON_INVALID",
          "the " + std::string(shape.name) + " \"" + std::string(part) + "\" " + std::string(why)};
}

std::string bounds_of(const field_shape& shape) {
  return std::to_string(shape.least) + " to " + std::to_string(shape.most);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::optional<int> whole(std::string_view text) {
  int number = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end || text.front() == '-') return {};
  return number;
}

result<int> parse_point(const field_shape& shape, std::string_view text) {
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    if (same_word(text, shape.names[i])) return shape.least + static_cast<int>(i);
  }
  const auto number = whole(text);
  if (!number || *number < shape.least || *number > shape.most) {
    return invalid(
        shape, text,
        "is not " + bounds_of(shape) +
            (shape.names.empty() ? "" : " or a name such as " + std::string(shape.names[0])));
  }
  return *number;
}

/// One part of a list: `*`, `5`, `1-5`, each range also with a step.
result<std::uint64_t> parse_part(const field_shape& shape, std::string_view part) {
  const std::size_t slash = part.find('/');
  const std::string_view range = part.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const auto number = whole(part.substr(slash + 1));
    if (!number || *number < 1 || *number > shape.most) {
      return invalid(shape, part, "has a step that is not 1 to " + std::to_string(shape.most));
    }
    step = *number;
  }
  int first = shape.least;
  int last = shape.most;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    const auto from = parse_point(shape, range.substr(0, dash));
    if (!from) return from.error();
    first = last = *from;
    if (dash != std::string_view::npos) {
      const auto to = parse_point(shape, range.substr(dash + 1));
      if (!to) return to.error();
      last = *to;
      if (last < first) return invalid(shape, part, "runs backwards: write it as two ranges");
    } else if (slash != std::string_view::npos) {
      return invalid(shape, part,
                     "has a step without a range: write */" + std::to_string(step) + " or " +
                         std::to_string(first) + "-" + std::to_string(shape.most) + "/" +
                         std::to_string(step));
    }
  }
  std::uint64_t bits = 0;
  for (int at = first; at <= last; at += step)
    bits |= std::uint64_t{1} << static_cast<unsigned>(at);
  return bits;
}

result<std::uint64_t> parse_field(const field_shape& shape, std::string_view text) {
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const auto part = parse_part(shape, text.substr(at, comma - at));
    if (!part) return part.error();
    bits |= *part;
    at = comma + 1;
  }
  return bits;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t", at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

bool has(std::uint64_t bits, unsigned at) {
  return ((bits >> at) & 1U) != 0;
}

}  // namespace

result<cron_schedule> cron_schedule::parse(std::string_view text) {
  std::vector<std::string_view> words = words_of(text);
  if (words.size() == 1 && words[0].starts_with('@')) {
    std::string_view expression;
    for (const shorthand& known : shorthands) {
      if (same_word(words[0], known.name)) expression = known.expression;
    }
    if (expression.empty()) {
      return fault{"CRON_INVALID", "\"" + std::string(words[0]) +
                                       "\" is none of @hourly, @daily, @midnight, @weekly, "
                                       "@monthly, @yearly, @annually"};
    }
    words = words_of(expression);
  }
  if (words.size() != shapes.size()) {
    return fault{"CRON_INVALID",
                 "a cron expression has five fields (minute, hour, day of month, month, day of "
                 "week), this one has " +
                     std::to_string(words.size())};
  }
  cron_schedule made;
  const std::array<std::uint64_t*, 5> targets{&made.minutes_, &made.hours_, &made.days_,
                                              &made.months_, &made.weekdays_};
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto bits = parse_field(shapes[i], words[i]);
    if (!bits) return bits.error();
    *targets[i] = *bits;
  }
  if (has(made.weekdays_, 7)) made.weekdays_ |= 1U;
  made.any_day_ = words[2].starts_with('*');
  made.any_weekday_ = words[4].starts_with('*');
  if (!made.day_comes()) {
    return fault{"CRON_INVALID",
                 "that day never comes: no month named has a day " + std::string(words[2])};
  }
  return made;
}

bool cron_schedule::day_comes() const {
  if (!any_day_ && !any_weekday_) return true;  // the day of the week alone is enough
  constexpr std::array<unsigned, 13> longest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (unsigned month = 1; month <= 12; ++month) {
    if (!has(months_, month)) continue;
    for (unsigned day = 1; day <= longest[month]; ++day) {
      if (has(days_, day)) return true;
    }
  }
  return false;
}

bool cron_schedule::day_matches(local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!has(months_, unsigned{date.month()})) return false;
  const bool by_date = has(days_, unsigned{date.day()});
  const bool by_weekday = has(weekdays_, std::chrono::weekday(day).c_encoding());
  return any_day_ || any_weekday_ ? by_date && by_weekday : by_date || by_weekday;
}

std::optional<wall_time> cron_schedule::first_of_day(local_days day, wall_time after,
                                                     const zone& where) const {
  for (unsigned hour = 0; hour < 24; ++hour) {
    if (!has(hours_, hour)) continue;
    for (unsigned minute = 0; minute < 60; ++minute) {
      if (!has(minutes_, minute)) continue;
      const wall_time due = where.moment_of(day + hours(hour) + minutes(minute));
      if (due > after) return due;
    }
  }
  return {};
}

std::optional<wall_time> cron_schedule::last_of_day(local_days day, wall_time at,
                                                    const zone& where) const {
  for (unsigned hour = 24; hour-- > 0;) {
    if (!has(hours_, hour)) continue;
    for (unsigned minute = 60; minute-- > 0;) {
      if (!has(minutes_, minute)) continue;
      const wall_time due = where.moment_of(day + hours(hour) + minutes(minute));
      if (due <= at) return due;
    }
  }
  return {};
}

wall_time cron_schedule::next_after(wall_time after, const zone& where) const {
  // A reading is never due before an earlier one, so the first that lies ahead is the answer.
  // A day back covers clocks that were set back over midnight. 29 February on a given weekday
  // (`*/2` beside it) is at most 40 years away.
  local_days day = std::chrono::floor<days>(where.reading_at(after)) - days(1);
  for (int i = 0; i < most_days; ++i, day += days(1)) {
    if (!day_matches(day)) continue;
    if (const auto due = first_of_day(day, after, where)) return *due;
  }
  return wall_time::max();
}

wall_time cron_schedule::last_until(wall_time at, const zone& where) const {
  local_days day = std::chrono::floor<days>(where.reading_at(at)) + days(1);
  for (int i = 0; i < most_days; ++i, day -= days(1)) {
    if (!day_matches(day)) continue;
    if (const auto due = last_of_day(day, at, where)) return *due;
  }
  return wall_time::min();
}

std::optional<unsigned> weekday_named(std::string_view text) {
  for (unsigned i = 0; i < weekday_names.size(); ++i) {
    if (same_word(text, weekday_names[i])) return i;
  }
  return {};
}

result<minutes> parse_time_of_day(std::string_view text) {
  const auto hour = text.size() == 5 ? whole(text.substr(0, 2)) : std::nullopt;
  const auto minute = text.size() == 5 ? whole(text.substr(3)) : std::nullopt;
  if (!hour || !minute || text[2] != ':' || *hour > 23 || *minute > 59) {
    return fault{"TIME_INVALID",
                 "\"" + std::string(text) + "\" is not a time of day from 00:00 to 23:59"};
  }
  return minutes(*hour * 60 + *minute);
}

wall_time deadline_after(wall_time start, minutes time_of_day, const zone& where) {
  local_days day = std::chrono::floor<days>(where.reading_at(start)) - days(1);
  for (;; day += days(1)) {
    const wall_time due = where.moment_of(day + time_of_day);
    if (due > start) return due;
  }
}

}  // namespace patchbay
