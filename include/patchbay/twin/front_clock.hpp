// The twin's own reading of the clocks: it stands beside the floors of the program, so it does
// not see adapter/system. The rules never call it.
#pragma once

#include "patchbay/model/instant.hpp"

namespace patchbay::twin {

[[nodiscard]] instant boot_now();  ///< CLOCK_BOOTTIME, the same as a client on this machine has
[[nodiscard]] wall_time wall_now();

}  // namespace patchbay::twin
