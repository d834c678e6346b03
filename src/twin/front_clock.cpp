#include "patchbay/twin/front_clock.hpp"

#include <chrono>

#include <time.h>

namespace patchbay::twin {

instant boot_now() {
  timespec read{};
  clock_gettime(CLOCK_BOOTTIME, &read);
  return std::chrono::seconds(read.tv_sec) + nanoseconds(read.tv_nsec);
}

wall_time wall_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

}  // namespace patchbay::twin
