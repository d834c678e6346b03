// What `systemctl status` shows of the service, in one line; times are those of the job's zone.
// Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "patchbay/model/zone.hpp"
#include "patchbay/port/observer.hpp"

namespace patchbay {

/// "erp-customers: 3,120 of 9,800, 3.3/s, done 05:12, 4 rejected".
[[nodiscard]] std::string running_text(const progress& now, wall_time at, const zone& where);

/// "05:12" today, "Tue 05:12" on another day of the next six, else with the date; as the zone's
/// clock shows it.
[[nodiscard]] std::string hour_text(wall_time when, wall_time now, const zone& where);

/// A job that waits for its hour or its drop.
struct resting_job {
  std::string name;
  std::optional<wall_time> next_run;  ///< nullopt: as soon as a drop is there
  std::shared_ptr<const zone> where;
  std::int64_t pending = 0;
  std::int64_t held = 0;
};

/// "idle: next erp-customers 02:15, 12 pending, 1 held"; "idle: waits for drops".
[[nodiscard]] std::string idle_text(std::span<const resting_job> jobs, wall_time at);

}  // namespace patchbay
