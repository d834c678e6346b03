#include "patchbay/policy/breaker.hpp"

#include <algorithm>
#include <chrono>

namespace patchbay {

namespace {
constexpr std::chrono::seconds first_pause{6};
constexpr std::chrono::minutes longest_pause{10};
}  // namespace

void breaker::answered() {
  failures_ = 0;
  first_failure_.reset();
  probe_at_.reset();
  pause_ = nanoseconds(0);
}

void breaker::failed(instant now, bool connected) {
  ++failures_;
  connected_ = connected;
  if (!first_failure_) first_failure_ = now;
  if (failures_ < opens_after_) return;
  // Late failures of requests that left before it opened do not lengthen the pause.
  if (probe_at_ && now < *probe_at_) return;
  pause_ = pause_ == nanoseconds(0) ? nanoseconds(first_pause)
                                    : std::min<nanoseconds>(pause_ * 2, longest_pause);
  probe_at_ = now + pause_;
}

nanoseconds breaker::silent_for(instant now) const {
  return first_failure_ ? now - *first_failure_ : nanoseconds(0);
}

}  // namespace patchbay
