#include "patchbay/twin/sliding_window.hpp"

namespace patchbay::twin {

int sliding_window::used(instant now) {
  while (!arrivals_.empty() && arrivals_.front() <= now - limit_.per) arrivals_.pop_front();
  return static_cast<int>(arrivals_.size());
}

}  // namespace patchbay::twin
