#include "patchbay/adapter/system/real_clock.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay {
namespace {

namespace asio = boost::asio;

/// The loop's timers stand still while the machine sleeps, CLOCK_BOOTTIME does not: a long wait
/// looks at the time again this often.
constexpr std::chrono::seconds longest_slice{30};

class loop_alarm final : public alarm {
 public:
  loop_alarm(asio::io_context& loop, const real_clock& time) : timer_(loop), time_(time) {}

  asio::awaitable<void> wait(instant until) override {
    while (!rung_) {
      const instant left = until == instant::max() ? instant::max() : until - time_.now();
      if (left <= instant::zero()) {
        // Whoever asks for a moment that is past again and again must not hold up the loop.
        co_await asio::post(timer_.get_executor(), asio::use_awaitable);
        break;
      }
      if (until == instant::max()) {
        timer_.expires_at(asio::steady_timer::time_point::max());
      } else {
        timer_.expires_after(std::min<instant>(left, longest_slice));
      }
      co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    rung_ = false;
  }

  void ring() override {
    rung_ = true;
    timer_.cancel();
  }

 private:
  asio::steady_timer timer_;
  const real_clock& time_;
  bool rung_ = false;
};

}  // namespace

instant real_clock::now() const {
  timespec reading{};
  clock_gettime(CLOCK_BOOTTIME, &reading);
  return std::chrono::seconds(reading.tv_sec) + std::chrono::nanoseconds(reading.tv_nsec);
}

wall_time real_clock::wall() const {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

std::unique_ptr<alarm> real_clock::make_alarm() {
  return std::make_unique<loop_alarm>(loop_, *this);
}

}  // namespace patchbay
