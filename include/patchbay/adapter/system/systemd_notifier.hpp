// What systemd wants to hear of a service (sd_notify(3)). Each does nothing where NOTIFY_SOCKET is
// not set, and never waits. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "patchbay/model/instant.hpp"

namespace patchbay::systemd {

void ready();
void status(std::string_view text);  ///< one line; line ends become blanks
void reloading();                    ///< to be followed by ready(), also when nothing was changed
void stopping();
/// Start, reload or stop may take so much longer, from now on; to be repeated before it is over.
void extend_timeout(nanoseconds by);
void feed_watchdog();

/// WATCHDOG_USEC; nullopt: no watchdog is set for this process.
[[nodiscard]] std::optional<nanoseconds> watchdog_span();

}  // namespace patchbay::systemd
