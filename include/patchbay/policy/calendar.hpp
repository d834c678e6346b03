// When a job is due: five-field cron expressions and deadlines, on the wall clock of the job's
// time zone. Pure: `now` and the zone are arguments, nothing is remembered between calls, so a
// daemon that was down computes the same moments as one that was up.
//
// Daylight saving: a reading that the clock skips is due once, at the moment of the change; one
// that it shows twice is due once, the first time. So a nightly job never runs twice or not at
// all in the night of the change (an every-ten-minutes job rests during the repeated hour).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/instant.hpp"
#include "patchbay/model/zone.hpp"

namespace patchbay {

/// minute hour day-of-month month day-of-week: lists, ranges, steps, names (jan, mon), 7 = Sunday,
/// @hourly @daily @midnight @weekly @monthly @yearly @annually. Where both the day of the month
/// and the day of the week are restricted (do not begin with `*`), either is enough.
class cron_schedule {
 public:
  /// CRON_INVALID: says which field and what was expected; also for a day that never comes.
  [[nodiscard]] static result<cron_schedule> parse(std::string_view text);
  /// The first moment strictly after `after`.
  [[nodiscard]] wall_time next_after(wall_time after, const zone& where) const;
  /// The latest moment that is not after `at`.
  [[nodiscard]] wall_time last_until(wall_time at, const zone& where) const;

 private:
  [[nodiscard]] bool day_matches(std::chrono::local_days day) const;
  [[nodiscard]] bool day_comes() const;
  [[nodiscard]] std::optional<wall_time> first_of_day(std::chrono::local_days day, wall_time after,
                                                      const zone& where) const;
  [[nodiscard]] std::optional<wall_time> last_of_day(std::chrono::local_days day, wall_time at,
                                                     const zone& where) const;

  std::uint64_t minutes_ = 0;  ///< bit n: minute n
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;      ///< bits 1 … 31
  std::uint64_t months_ = 0;    ///< bits 1 … 12
  std::uint64_t weekdays_ = 0;  ///< bits 0 (Sunday) … 6
  bool any_day_ = false;        ///< the field began with `*`
  bool any_weekday_ = false;
};

/// sun (0) … sat (6), whatever the case; nullopt for anything else.
[[nodiscard]] std::optional<unsigned> weekday_named(std::string_view text);

/// "06:00" to minutes since midnight, 00:00 … 23:59. TIME_INVALID.
[[nodiscard]] result<std::chrono::minutes> parse_time_of_day(std::string_view text);

/// The first moment strictly after `start` at which the zone's clock shows `time_of_day`: until
/// then things may be started.
[[nodiscard]] wall_time deadline_after(wall_time start, std::chrono::minutes time_of_day,
                                       const zone& where);

}  // namespace patchbay
