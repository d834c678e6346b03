// A turn: coroutines of the loop thread that must not do something at the same time take it one
// after the other, in the order they came. Private to engine/.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "patchbay/port/clock.hpp"

namespace patchbay {

class turn {
 public:
  explicit turn(clock& time) : time_(time) {}

  /// Resumes when it is the caller's turn; give() must follow.
  boost::asio::awaitable<void> take() {
    if (!taken_) {
      taken_ = true;
      co_return;
    }
    waiting_.push_back(time_.make_alarm());
    alarm* const mine = waiting_.back().get();
    co_await mine->wait(instant::max());
    rung_ = nullptr;
  }

  void give() {
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    rung_ = std::move(waiting_.front());
    waiting_.pop_front();
    rung_->ring();
  }

 private:
  clock& time_;
  bool taken_ = false;
  std::deque<std::unique_ptr<alarm>> waiting_;
  std::unique_ptr<alarm> rung_;  ///< lives until its waiter has resumed
};

}  // namespace patchbay
