#include "patchbay/policy/blackout.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "patchbay/policy/calendar.hpp"

namespace patchbay {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;

fault invalid(std::string_view part, std::string_view why) {
  return {"BLACKOUT_INVALID", "\"" + std::string(part) + "\" " + std::string(why)};
}

std::optional<unsigned> number_in(std::string_view text) {
  unsigned number = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) return {};
  return number;
}

struct one_date {
  std::optional<int> year;
  unsigned day = 0;  ///< month * 100 + day
};

/// MM-DD or YYYY-MM-DD; 29 February of no year is a day, too.
std::optional<one_date> read_date(std::string_view text) {
  constexpr std::size_t short_form = 5;
  constexpr std::size_t long_form = 10;
  one_date made;
  if (text.size() == long_form && text[4] == '-') {
    const auto year = number_in(text.substr(0, 4));
    if (!year) return {};
    made.year = static_cast<int>(*year);
    text.remove_prefix(long_form - short_form);
  }
  if (text.size() != short_form || text[2] != '-') return {};
  const auto month = number_in(text.substr(0, 2));
  const auto day = number_in(text.substr(3));
  if (!month || !day) return {};
  constexpr int leap_year = 2024;
  const std::chrono::year_month_day date{std::chrono::year(made.year.value_or(leap_year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return {};
  made.day = *month * 100 + *day;
  return made;
}

}  // namespace

result<blackout> blackout::parse(std::string_view text) {
  blackout made;
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    return invalid(text, "is empty: write days, hours or both, such as \"Fri 18:00-22:00\"");
  }
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  const std::size_t blank = text.rfind(' ');
  const std::string_view last = text.substr(blank == std::string_view::npos ? 0 : blank + 1);
  std::string_view head = text.substr(0, text.size() - last.size());
  while (head.ends_with(' ')) head.remove_suffix(1);
  const bool has_hours = last.find(':') != std::string_view::npos;
  if (!has_hours && !head.empty()) {
    return invalid(last, "is no span of hours such as 18:00-22:00");
  }
  if (has_hours) {
    if (const result<void> read = made.read_hours(last); !read) return read.error();
  }
  const std::string_view on = has_hours ? head : last;
  if (!on.empty()) {
    if (const result<void> read = made.read_days(on); !read) return read.error();
  }
  if (on.empty() && made.ends_ - made.begins_ >= hours(24)) {
    return invalid(text, "is each whole day, and nothing would ever be sent: name days, too");
  }
  return made;
}

result<void> blackout::read_days(std::string_view text) {
  if (text.front() >= '0' && text.front() <= '9') return read_dates(text);
  weekdays_ = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view part = text.substr(at, comma - at);
    at = comma + 1;
    const std::size_t dots = part.find("..");
    const std::size_t mark = dots == std::string_view::npos ? part.find('-') : dots;
    const auto from = weekday_named(part.substr(0, mark));
    auto to = from;
    if (mark != std::string_view::npos) {
      to = weekday_named(part.substr(mark + (dots == std::string_view::npos ? 1 : 2)));
    }
    if (!from || !to) {
      return invalid(part,
                     "is no weekday such as Fri, no span such as Mon-Fri, and no date such "
                     "as 12-24 or 2026-12-24");
    }
    for (unsigned day = *from;; day = (day + 1) % 7) {
      weekdays_ |= 1U << day;
      if (day == *to) break;
    }
  }
  return {};
}

result<void> blackout::read_dates(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto from = read_date(text.substr(0, dots));
  const auto to = dots == std::string_view::npos ? from : read_date(text.substr(dots + 2));
  if (!from || !to) return invalid(text, "is no date such as 12-24, 2026-12-24 or 12-24..12-26");
  if (from->year != to->year) {
    return invalid(text, "spans two years: write two entries, or leave the year away");
  }
  if (from->year && to->day < from->day) return invalid(text, "runs backwards");
  dates_ = dates{from->year, from->day, to->day};
  return {};
}

result<void> blackout::read_hours(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto from = parse_time_of_day(text.substr(0, dash));
  const std::string_view end =
      dash == std::string_view::npos ? std::string_view() : text.substr(dash + 1);
  const bool midnight = end == "24:00";
  const auto to = midnight ? result<minutes>(hours(24)) : parse_time_of_day(end);
  if (!from || !to) return invalid(text, "is no span of hours such as 18:00-22:00");
  if (*from == *to) return invalid(text, "is empty: a whole day is 00:00-24:00");
  begins_ = *from;
  ends_ = *to > *from ? *to : *to + hours(24);
  return {};
}

bool blackout::falls_on(local_days day) const {
  if (!dates_) return ((weekdays_ >> std::chrono::weekday(day).c_encoding()) & 1U) != 0;
  const std::chrono::year_month_day date(day);
  if (dates_->year && int{date.year()} != *dates_->year) return false;
  const unsigned at = unsigned{date.month()} * 100 + unsigned{date.day()};
  const bool within = at >= dates_->first && at <= dates_->last;
  const bool around = at >= dates_->first || at <= dates_->last;  // over the new year
  return dates_->first <= dates_->last ? within : around;
}

std::optional<span_of_time> blackout::next(wall_time at, const zone& where) const {
  // A day back for what goes over midnight, another for clocks that were set back over it; 29
  // February is at most eight years away.
  local_days day = std::chrono::floor<days>(where.reading_at(at)) - days(2);
  constexpr int most_days = 8 * 366 + 3;
  for (int i = 0; i < most_days; ++i, day += days(1)) {
    if (dates_ && dates_->year && int{std::chrono::year_month_day(day).year()} > *dates_->year) {
      return {};
    }
    if (!falls_on(day)) continue;
    const span_of_time one{where.moment_of(day + begins_), where.moment_of(day + ends_)};
    if (one.to > at && one.from < one.to) return one;
  }
  return {};
}

}  // namespace patchbay
