#include "patchbay/adapter/rehearsal/virtual_clock.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay::sim {

namespace asio = boost::asio;

/// The waiting coroutine, type-erased; running it posts its resumption.
using resumption = std::shared_ptr<std::function<void()>>;

class virtual_alarm final : public alarm {
 public:
  explicit virtual_alarm(virtual_clock& time) : time_(time), process_(time.acting_) {
    time_.alarms_.insert(this);
  }
  ~virtual_alarm() override { time_.alarms_.erase(this); }

  asio::awaitable<void> wait(instant until) override {
    if (!rung_ && until > time_.now()) {
      const std::uint64_t turn = ++turns_;
      if (until != instant::max()) {
        std::weak_ptr<int> here = alive_;
        time_.at(until, [this, here, turn] {
          if (!here.expired() && turn == turns_) resume();
        });
      }
      co_await suspend();
    }
    rung_ = false;
  }

  void ring() override {
    rung_ = true;
    resume();
  }

  [[nodiscard]] int process() const { return process_; }
  /// Destroys the waiting coroutine.
  resumption give_up() { return std::exchange(waiting_, nullptr); }

 private:
  asio::awaitable<void> suspend() {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto done) {
          auto kept = std::make_shared<decltype(done)>(std::move(done));
          waiting_ = std::make_shared<std::function<void()>>([kept] {
            auto where = asio::get_associated_executor(*kept);
            asio::post(where, std::move(*kept));
          });
        },
        asio::use_awaitable);
  }
  void resume() {
    if (const resumption one = std::exchange(waiting_, nullptr)) (*one)();
  }

  virtual_clock& time_;
  int process_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  std::uint64_t turns_ = 0;
  bool rung_ = false;
  resumption waiting_;
};

wall_time virtual_clock::wall() const {
  return at_zero_ + std::chrono::floor<milliseconds>(now_);
}

std::unique_ptr<alarm> virtual_clock::make_alarm() {
  return std::make_unique<virtual_alarm>(*this);
}

void virtual_clock::at(instant when, std::function<void()> what) {
  events_.emplace(std::pair(std::max(when, now_), ++made_), std::move(what));
}

bool virtual_clock::advance() {
  if (events_.empty()) return false;
  auto next = events_.extract(events_.begin());
  now_ = next.key().first;
  next.mapped()();
  return true;
}

void virtual_clock::abandon_waiters(int process) {
  // A coroutine that is destroyed takes its own alarms with it.
  while (true) {
    resumption doomed;
    for (virtual_alarm* const one : alarms_) {
      if (one->process() == process) doomed = one->give_up();
      if (doomed) break;
    }
    if (!doomed) return;
  }
}

}  // namespace patchbay::sim
