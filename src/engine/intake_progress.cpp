#include "intake_progress.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace patchbay::intake {

void planning_progress::reading(std::int64_t rows, std::int64_t bytes, std::int64_t of_bytes) {
  progress now;
  now.stage = "reading";
  now.done = rows;
  now.bytes = bytes;
  now.of_bytes = of_bytes;
  if (bytes > 0) {
    // How many rows there are nobody knows before the end: as many as the bytes so far had.
    const double of =
        static_cast<double>(rows) * static_cast<double>(of_bytes) / static_cast<double>(bytes);
    now.of = std::max(rows, static_cast<std::int64_t>(of));
  }
  tell(std::move(now));
}

void planning_progress::resolving(std::int64_t customers, std::int64_t of_customers) {
  progress now;
  now.stage = "resolving";
  now.done = customers;
  now.of = of_customers;
  tell(std::move(now));
}

void planning_progress::tell(progress now) {
  const instant at = time_.now();
  if (stage_ != now.stage) {
    begun_at_ = stage_.empty() ? 0 : now.done;
    begun_ = at;
    stage_ = now.stage;
  }
  const double seconds = std::chrono::duration<double>(at - begun_).count();
  if (seconds > 0) now.per_second = static_cast<double>(now.done - begun_at_) / seconds;
  now.job = job_;
  watcher_.advance(now);
}

}  // namespace patchbay::intake
