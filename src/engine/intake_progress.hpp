// How far planning is, told while it works: rows and bytes read, customers looked up, how fast.
// Private to engine/. Loop thread.
#pragma once

#include <cstdint>
#include <string>

#include "patchbay/port/clock.hpp"
#include "patchbay/port/observer.hpp"

namespace patchbay::intake {

class planning_progress {
 public:
  planning_progress(const clock& time, observer& watcher, std::string job)
      : time_(time), watcher_(watcher), job_(std::move(job)) {}

  /// `bytes` of `of_bytes` of the file, packed as it lies.
  void reading(std::int64_t rows, std::int64_t bytes, std::int64_t of_bytes);
  void resolving(std::int64_t customers, std::int64_t of_customers);

 private:
  void tell(progress now);

  const clock& time_;
  observer& watcher_;
  std::string job_;
  std::string stage_;
  instant begun_{};
  std::int64_t begun_at_ = 0;  ///< what was done when the stage began
};

}  // namespace patchbay::intake
