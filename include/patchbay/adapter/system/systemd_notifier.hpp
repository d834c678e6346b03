// What systemd wants to hear of a service (sd_notify(3)): ready, status, stopping, and a sign of
// life from the loop itself. Does nothing where NOTIFY_SOCKET is not set. Owned by the daemon,
// loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "patchbay/model/instant.hpp"

namespace patchbay {

class systemd_notifier {
 public:
  explicit systemd_notifier(boost::asio::io_context& loop);
  ~systemd_notifier();
  systemd_notifier(const systemd_notifier&) = delete;
  systemd_notifier& operator=(const systemd_notifier&) = delete;

  void ready();
  void status(std::string_view text);  ///< one line; line ends become blanks
  void reloading();                    ///< to be followed by ready()
  void stopping();

  /// Half of WATCHDOG_USEC; nullopt: no watchdog is set for this process.
  [[nodiscard]] static std::optional<nanoseconds> watchdog_interval();
  /// From now on WATCHDOG=1 at that interval, as long as the loop turns.
  void begin_watchdog();
  void close();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace patchbay
