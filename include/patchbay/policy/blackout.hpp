// Hours in which a job starts nothing: "Fri 18:00-22:00", "12-24..12-26", on the wall clock of its
// time zone. Pure, like the calendar: nothing is remembered, so that every process says the same.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/instant.hpp"
#include "patchbay/model/zone.hpp"

namespace patchbay {

/// From `from` on, and no longer at `to`.
struct span_of_time {
  wall_time from{};
  wall_time to{};
};

/// `[DAYS] [HH:MM-HH:MM]`, one of them at least. DAYS: weekdays (Fri, Sat,Sun, Mon-Fri) or dates,
/// every year (12-24) or once (2026-12-24), also from one to another (12-24..12-26); absent: every
/// day. Without hours the whole day; 24:00 ends a day; an end before the beginning is the next
/// day's.
class blackout {
 public:
  /// BLACKOUT_INVALID: says which part and what was expected.
  [[nodiscard]] static result<blackout> parse(std::string_view text);
  /// The first of its spans that ends after `at`; nullopt: there will be none.
  [[nodiscard]] std::optional<span_of_time> next(wall_time at, const zone& where) const;

 private:
  struct dates {
    std::optional<int> year;  ///< absent: every year
    unsigned first = 0;       ///< month * 100 + day
    unsigned last = 0;
  };
  [[nodiscard]] result<void> read_days(std::string_view text);
  [[nodiscard]] result<void> read_dates(std::string_view text);
  [[nodiscard]] result<void> read_hours(std::string_view text);
  [[nodiscard]] bool falls_on(std::chrono::local_days day) const;

  unsigned weekdays_ = 0x7f;  ///< bits 0 (Sunday) … 6
  std::optional<dates> dates_;
  std::chrono::minutes begins_{0};
  std::chrono::minutes ends_ = std::chrono::hours(24);
};

}  // namespace patchbay
