// A job's times as a whole: when it is due (cron, spread by jitter), until when it may start
// something (deadline, blackout), and when it may again. Pure: every moment follows from the
// configuration, the zone and the seed, so a restart moves nothing, and `status` says what the
// daemon does.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/zone.hpp"
#include "patchbay/policy/blackout.hpp"
#include "patchbay/policy/calendar.hpp"

namespace patchbay {

struct timetable_spec {
  std::optional<cron_schedule> schedule;         ///< absent: as soon as a drop is there
  std::optional<std::chrono::minutes> deadline;  ///< of the day
  std::vector<blackout> blackouts;
  milliseconds jitter{0};  ///< each scheduled moment comes up to so much later
  std::string seed;        ///< of the jitter: another for each state and job
};

enum class time_limit { deadline, blackout };

/// What ends, or ended, the time in which something may be started.
struct time_bound {
  time_limit why = time_limit::deadline;
  wall_time at{};
};

class timetable {
 public:
  timetable(timetable_spec spec, std::shared_ptr<const zone> where);

  [[nodiscard]] bool scheduled() const { return spec_.schedule.has_value(); }
  /// The first scheduled moment after `after`; nullopt: on arrival.
  [[nodiscard]] std::optional<wall_time> next_due(wall_time after) const;
  /// The latest scheduled moment that is not after `at`; nullopt: on arrival.
  [[nodiscard]] std::optional<wall_time> last_due(wall_time at) const;
  /// Why nothing may be started at `now`, and from when on something may; nullopt: it may.
  [[nodiscard]] std::optional<time_bound> closed(wall_time now) const;
  /// Until when what begins at `now` may start something; nullopt: without end.
  [[nodiscard]] std::optional<time_bound> ends(wall_time now) const;

 private:
  [[nodiscard]] wall_time spread(wall_time scheduled) const;
  [[nodiscard]] std::optional<span_of_time> next_blackout(wall_time at) const;

  timetable_spec spec_;
  std::shared_ptr<const zone> where_;
};

}  // namespace patchbay
