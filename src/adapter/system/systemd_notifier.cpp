#include "patchbay/adapter/system/systemd_notifier.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include <systemd/sd-daemon.h>

namespace patchbay::systemd {
namespace {

void tell(const std::string& what) {
  ::sd_notify(0, what.c_str());
}

}  // namespace

void ready() {
  tell("READY=1");
}

void status(std::string_view text) {
  std::string line = "STATUS=" + std::string(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  tell(line);
}

void reloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

void stopping() {
  tell("STOPPING=1");
}

void extend_timeout(nanoseconds by) {
  const auto more = std::chrono::duration_cast<std::chrono::microseconds>(by);
  tell("EXTEND_TIMEOUT_USEC=" + std::to_string(more.count()));
}

void feed_watchdog() {
  tell("WATCHDOG=1");
}

std::optional<nanoseconds> watchdog_span() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0 || microseconds < 2) return std::nullopt;
  return std::chrono::microseconds(static_cast<std::int64_t>(microseconds));
}

}  // namespace patchbay::systemd
