#include "patchbay/policy/retry.hpp"

#include <algorithm>
#include <chrono>

namespace patchbay {

nanoseconds back_off(int attempt, const retry_spec& spec, double share) {
  milliseconds most = spec.base;
  for (int i = 1; i < attempt && most < spec.cap; ++i) most *= 2;
  most = std::min(most, spec.cap);
  return nanoseconds(static_cast<std::int64_t>(
      static_cast<double>(std::chrono::duration_cast<nanoseconds>(most).count()) * share));
}

wall_time next_retry(int times, wall_time now) {
  // A moment later than this run began: the run that was refused does not try again at once.
  if (times <= 1) return now + milliseconds(1);
  constexpr int longest_days = 28;
  int days = 1;
  for (int i = 2; i < times && days < longest_days; ++i) days *= 2;
  return now + std::chrono::days(std::min(days, longest_days));
}

}  // namespace patchbay
