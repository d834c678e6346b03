#include "patchbay/policy/breaker.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace patchbay {

namespace {
constexpr std::size_t opens_after = 8;
constexpr std::chrono::seconds first_pause{6};
constexpr std::chrono::minutes longest_pause{10};
}  // namespace

void breaker::answered() {
  *this = breaker();
}

void breaker::failed(instant now, bool connected, std::optional<std::uint64_t> suspect) {
  ++failures_;
  connected_ = connected;
  if (!first_failure_) first_failure_ = now;
  if (suspect) {
    suspects_.insert(*suspect);
  } else {
    ++nobodys_fault_;
  }
  if (open() || suspects_.size() + static_cast<std::size_t>(nobodys_fault_) >= opens_after) {
    trip(now);
  }
}

void breaker::trip(instant now) {
  // Late failures of requests that left before it opened do not lengthen the pause.
  if (probe_at_ && now < *probe_at_) return;
  pause_ = pause_ == nanoseconds(0) ? nanoseconds(first_pause)
                                    : std::min<nanoseconds>(pause_ * 2, longest_pause);
  probe_at_ = now + pause_;
  suspects_.clear();
}

nanoseconds breaker::silent_for(instant now) const {
  return first_failure_ ? now - *first_failure_ : nanoseconds(0);
}

}  // namespace patchbay
