// What systemd hears of the service: ready, the live status in a line, a watchdog that is fed only
// while the loop turns and the threads of store and rows get on, reload, and a stop that may take
// as long as what is in flight needs. Owned by the daemon for one life of the service; loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "patchbay/adapter/report/log_observer.hpp"
#include "patchbay/adapter/system/lane_pulse.hpp"
#include "patchbay/adapter/system/ticker.hpp"
#include "patchbay/app/composition.hpp"
#include "status_observer.hpp"

namespace patchbay {

class service_notices {
 public:
  service_notices(composition& all, status_observer& watcher, log_observer& log);
  ~service_notices();
  service_notices(const service_notices&) = delete;
  service_notices& operator=(const service_notices&) = delete;

  void begin();  ///< READY=1; from now on the status and the watchdog
  void reloading();
  void kept();  ///< the reload changed nothing
  void stopping();
  void end();  ///< nothing is told any more

 private:
  void look();
  void tell_status();
  void ask_resting();
  void feed(nanoseconds span);
  void ask_for_time();
  [[nodiscard]] bool gets_on(nanoseconds span);

  composition& all_;
  status_observer& watcher_;
  log_observer& log_;
  lane_pulse store_;
  lane_pulse rows_;
  std::optional<ticker> looks_;
  std::optional<ticker> watchdog_;
  std::optional<ticker> drain_;
  struct rest;
  std::shared_ptr<rest> rest_;  ///< what the idle status says, asked for on the store's lane
  std::string told_;
  bool ran_ = false;   ///< something was running at the last look
  std::string stuck_;  ///< the lane that does not answer; empty: both do
  instant drain_until_{0};
};

}  // namespace patchbay
