// Says that nothing new may start, and wakes those who pause before a repetition, so that a drain
// does not wait for their pauses. One per delivery. Private to engine/; loop thread.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/port/clock.hpp"

namespace patchbay {

class closing_time {
 public:
  explicit closing_time(clock& time) : time_(time) {}

  [[nodiscard]] bool closed() const { return closed_; }
  void close() {
    closed_ = true;
    for (alarm* const one : pausing_) one->ring();
  }
  void reopen() { closed_ = false; }

  /// Returns at `until`, or as soon as it is closed.
  boost::asio::awaitable<void> pause_until(instant until) {
    if (closed_) co_return;
    const std::unique_ptr<alarm> bell = time_.make_alarm();
    pausing_.push_back(bell.get());
    co_await bell->wait(until);
    std::erase(pausing_, bell.get());
  }

 private:
  clock& time_;
  bool closed_ = false;
  std::vector<alarm*> pausing_;
};

}  // namespace patchbay
