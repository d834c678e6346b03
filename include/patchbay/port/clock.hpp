// The only source of time and of waiting. adapter/system reads the kernel's clocks; a simulation
// moves a virtual one. Used from the loop thread only (now() from any).
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "patchbay/model/instant.hpp"

namespace patchbay {

/// Something one coroutine waits on: a moment, or a ring, whichever is first.
class alarm {
 public:
  virtual ~alarm() = default;
  /// Returns at `until`, or as soon as ring() is called (also if it was rung since the last
  /// wait). instant::max(): only a ring ends it. One waiter at a time.
  virtual boost::asio::awaitable<void> wait(instant until) = 0;
  virtual void ring() = 0;
};

class clock {
 public:
  virtual ~clock() = default;
  [[nodiscard]] virtual instant now() const = 0;
  [[nodiscard]] virtual wall_time wall() const = 0;
  [[nodiscard]] virtual std::unique_ptr<alarm> make_alarm() = 0;
};

}  // namespace patchbay
