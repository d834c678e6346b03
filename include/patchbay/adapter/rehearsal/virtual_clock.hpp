// Time that moves only when nothing else can: a queue of events on virtual time behind port/clock.
// Minutes pass in milliseconds, and the same seed gives the same night: for `rehearse`, and for the
// simulation. Outlives the engines that are crashed under it; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "patchbay/port/clock.hpp"

namespace patchbay::sim {

class virtual_alarm;

class virtual_clock final : public clock {
 public:
  /// `at_zero`: what the wall shows at instant 0; 2026-11-23T00:00:00Z unless it matters.
  explicit virtual_clock(instant start,
                         wall_time at_zero = wall_time(std::chrono::seconds(1'795'392'000)))
      : now_(start), at_zero_(at_zero) {}

  [[nodiscard]] instant now() const override { return now_; }
  [[nodiscard]] wall_time wall() const override;
  [[nodiscard]] std::unique_ptr<alarm> make_alarm() override;

  /// `what` happens at `when` (not before now), events of one moment in the order they were made.
  void at(instant when, std::function<void()> what);
  /// Moves to the next event and lets it happen. False: nothing will ever happen.
  bool advance();
  /// Whose alarms are made from now on: several processes may wait on one clock.
  void act_for(int process) { acting_ = process; }
  /// A crash: whoever waits of this process is destroyed where he stands.
  void abandon_waiters(int process = 0);

 private:
  friend class virtual_alarm;
  instant now_;
  wall_time at_zero_;
  std::map<std::pair<instant, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t made_ = 0;
  std::set<virtual_alarm*> alarms_;
  int acting_ = 0;
};

}  // namespace patchbay::sim
