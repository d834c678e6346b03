// Time as patchbay uses it. Pure code is given `now`; only adapter/system reads a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace patchbay {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Nanoseconds of CLOCK_BOOTTIME: monotonic, counts suspend, comparable within one boot only.
using instant = std::chrono::nanoseconds;

/// UTC, milliseconds since 1970: for people, files and schedules; may jump.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

}  // namespace patchbay
