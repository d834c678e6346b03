#include "patchbay/adapter/report/service_text.hpp"

#include <array>
#include <cstdio>

#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::string rate_text(double per_second) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), per_second < 10 ? "%.1f/s" : "%.0f/s", per_second);
  return text.data();
}

}  // namespace

std::string hour_text(wall_time when, wall_time now, const zone& where) {
  const local_time shown = where.reading_at(when);
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const auto today = std::chrono::floor<std::chrono::days>(where.reading_at(now));
  const std::chrono::hh_mm_ss hour(std::chrono::floor<std::chrono::minutes>(shown - day));
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d", static_cast<int>(hour.hours().count()),
                static_cast<int>(hour.minutes().count()));
  if (day == today) return text.data();
  if (day - today < std::chrono::days(7)) {
    return days[std::chrono::weekday(day).c_encoding()] + (" " + std::string(text.data()));
  }
  const std::chrono::year_month_day date(day);
  std::array<char, 48> date_text{};
  std::snprintf(date_text.data(), date_text.size(), "%04d-%02u-%02u ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return date_text.data() + std::string(text.data());
}

std::string running_text(const progress& now, wall_time at, const zone& where) {
  std::string out = printable(now.job) + ": ";
  if (now.stage != "delivering") out += printable(now.stage) + " ";
  out += grouped(now.done);
  if (now.of > 0) out += " of " + grouped(now.of);
  if (now.of_bytes > 0) out += ", " + bytes_text(now.bytes) + " of " + bytes_text(now.of_bytes);
  if (now.per_second > 0) {
    out += ", " + rate_text(now.per_second);
    const double left = static_cast<double>(now.of - now.done) / now.per_second;
    // What is further away than a year is no estimate.
    if (now.of > now.done && left < 365.0 * 86'400 && now.waiting_for.empty()) {
      const auto rest = std::chrono::duration<double>(left);
      out += ", done " + hour_text(at + std::chrono::duration_cast<milliseconds>(rest), at, where);
    }
  }
  if (now.rejected > 0) out += ", " + grouped(now.rejected) + " rejected";
  if (!now.waiting_for.empty()) out += ", waits for " + printable(now.waiting_for);
  return out;
}

std::string idle_text(std::span<const resting_job> jobs, wall_time at) {
  const resting_job* next = nullptr;
  bool by_drop = false;
  std::int64_t pending = 0;
  std::int64_t held = 0;
  for (const resting_job& one : jobs) {
    pending += one.pending;
    held += one.held;
    by_drop = by_drop || !one.next_run;
    if (one.next_run && (next == nullptr || *one.next_run < *next->next_run)) next = &one;
  }
  std::string out = "idle: ";
  if (by_drop) out += "waits for drops";
  if (next != nullptr) {
    out += (by_drop ? ", next " : "next ") + printable(next->name) + " " +
           hour_text(*next->next_run, at, *next->where);
  }
  if (pending > 0) out += ", " + grouped(pending) + " pending";
  if (held > 0) out += ", " + grouped(held) + " held";
  return out;
}

}  // namespace patchbay
