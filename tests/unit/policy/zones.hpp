// Zones for tests that need no machine.
#pragma once

#include <chrono>
#include <string>

#include "patchbay/model/zone.hpp"

namespace patchbay::testing {

class greenwich final : public zone {
 public:
  std::string name() const override { return "UTC"; }
  local_time reading_at(wall_time when) const override {
    return local_time(when.time_since_epoch());
  }
  wall_time moment_of(local_time reading) const override {
    return wall_time(reading.time_since_epoch());
  }
};

inline wall_time utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(day)) +
         std::chrono::hours(hour) + std::chrono::minutes(minute);
}

}  // namespace patchbay::testing
