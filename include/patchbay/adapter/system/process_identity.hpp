// Who we are to other processes of this machine: the boot, and a token of this process that no
// later one with the same pid can have. Leases in the store carry both, so that a dead process's
// slots are told from a living one's. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay {

/// Changes with each boot; CLOCK_BOOTTIME stamps are comparable within one only.
[[nodiscard]] std::string boot_id();
/// "pid:starttime" of this process, the start in the kernel's ticks since boot.
[[nodiscard]] std::string process_token();
/// False: that very process has ended (also while it still waits to be reaped).
[[nodiscard]] bool process_alive(std::string_view token);
/// Of this machine, as it calls itself; empty: it does not say.
[[nodiscard]] std::string host_name();
/// From the kernel; for seeds of jitter and of order, not for keys.
[[nodiscard]] std::uint64_t random_seed();

}  // namespace patchbay
