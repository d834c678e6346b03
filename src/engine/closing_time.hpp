// Says that nothing new may start, and why, and wakes those who pause before a repetition, so that
// a drain does not wait for their pauses. One per delivery. Private to engine/; loop thread.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/model/stop.hpp"
#include "patchbay/port/clock.hpp"

namespace patchbay {

class closing_time {
 public:
  explicit closing_time(clock& time) : time_(time) {}

  [[nodiscard]] bool closed() const { return why_.has_value(); }
  /// The first cause counts. Only while it is closed.
  [[nodiscard]] const stop& why() const { return *why_; }
  void close(stop why) {
    if (!why_) why_ = std::move(why);
    for (alarm* const one : pausing_) one->ring();
  }
  void reopen() { why_.reset(); }

  /// Returns at `until`, or as soon as it is closed.
  boost::asio::awaitable<void> pause_until(instant until) {
    if (closed()) co_return;
    const std::unique_ptr<alarm> bell = time_.make_alarm();
    pausing_.push_back(bell.get());
    co_await bell->wait(until);
    std::erase(pausing_, bell.get());
  }

 private:
  clock& time_;
  std::optional<stop> why_;
  std::vector<alarm*> pausing_;
};

}  // namespace patchbay
