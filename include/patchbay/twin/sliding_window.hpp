// The API's side of a sliding window: exact, in continuous time, from arrival times. Written
// without a look at policy/windows on purpose: the two must agree by what they do.
#pragma once

#include <deque>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay::twin {

class sliding_window {
 public:
  explicit sliding_window(window_limit limit) : limit_(limit) {}

  /// Requests counted in (now - per, now].
  [[nodiscard]] int used(instant now);
  [[nodiscard]] bool full(instant now) { return used(now) >= limit_.requests; }
  void count(instant now) { arrivals_.push_back(now); }
  [[nodiscard]] const window_limit& limit() const { return limit_; }

 private:
  window_limit limit_;
  std::deque<instant> arrivals_;
};

}  // namespace patchbay::twin
