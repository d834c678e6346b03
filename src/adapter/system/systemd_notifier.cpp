#include "patchbay/adapter/system/systemd_notifier.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <systemd/sd-daemon.h>

namespace patchbay {
namespace {

void tell(const std::string& what) {
  ::sd_notify(0, what.c_str());
}

}  // namespace

struct systemd_notifier::state : std::enable_shared_from_this<systemd_notifier::state> {
  explicit state(boost::asio::io_context& loop) : timer(loop) {}

  boost::asio::steady_timer timer;
  bool closed = false;

  void beat(nanoseconds every) {
    tell("WATCHDOG=1");
    timer.expires_after(every);
    timer.async_wait([own = shared_from_this(), every](const boost::system::error_code& failed) {
      if (!failed && !own->closed) own->beat(every);
    });
  }
};

systemd_notifier::systemd_notifier(boost::asio::io_context& loop)
    : state_(std::make_shared<state>(loop)) {}

systemd_notifier::~systemd_notifier() {
  close();
}

void systemd_notifier::ready() {
  tell("READY=1");
}

void systemd_notifier::status(std::string_view text) {
  std::string line = "STATUS=" + std::string(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  tell(line);
}

void systemd_notifier::reloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

void systemd_notifier::stopping() {
  tell("STOPPING=1");
}

std::optional<nanoseconds> systemd_notifier::watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0 || microseconds < 2) return std::nullopt;
  return std::chrono::microseconds(static_cast<std::int64_t>(microseconds / 2));
}

void systemd_notifier::begin_watchdog() {
  const std::optional<nanoseconds> every = watchdog_interval();
  if (every) state_->beat(*every);
}

void systemd_notifier::close() {
  if (std::exchange(state_->closed, true)) return;
  state_->timer.cancel();
}

}  // namespace patchbay
