#include "patchbay/policy/gate.hpp"

#include <algorithm>
#include <chrono>

namespace patchbay {
namespace {

using std::chrono::seconds;

constexpr milliseconds poll_others{20};
constexpr seconds first_throttle_pause{1};
constexpr seconds longest_throttle_pause{60};
/// A Retry-After of hours would end the night; the answer then says it again.
constexpr std::chrono::minutes longest_asked_pause{10};

}  // namespace

void gate::denied(std::optional<instant> not_before, instant now) {
  at_reply_ = !not_before.has_value();
  if (not_before) opens_ = std::max(opens_, std::max(*not_before, now));
  // Every slot is in flight, and none of them is ours: other processes do not ring.
  if (!not_before && in_flight_ <= 1) opens_ = std::max(opens_, now + poll_others);
}

void gate::throttled(std::optional<nanoseconds> retry_after, instant now) {
  // Several answers of one moment are one refusal.
  if (pause_ == nanoseconds(0)) {
    pause_ = first_throttle_pause;
  } else if (now >= paused_until_) {
    pause_ = std::min<nanoseconds>(pause_ * 2, longest_throttle_pause);
  }
  const nanoseconds asked =
      std::min<nanoseconds>(retry_after.value_or(nanoseconds(0)), longest_asked_pause);
  paused_until_ = std::max(paused_until_, now + std::max(pause_, asked));
  if (!refused_since_) refused_since_ = now;
  refused_at_ = now;
  circuit_.answered();
}

void gate::quota(const yielding& to_others, instant now) {
  yields_until_ = std::max(yields_until_, now + to_others.pause);
  single_file_ = to_others.single_file;
}

void gate::answered(instant sent) {
  at_reply_ = false;
  circuit_.answered();
  if (refused_at_ && sent < *refused_at_) return;
  pause_ = nanoseconds(0);
  refused_since_.reset();
  refused_at_.reset();
}

std::optional<instant> gate::opens(instant now) const {
  // An open circuit lets one probe out at a time.
  const bool waits = at_reply_ || single_file_ || refused_at_ || circuit_.open();
  if (waits && in_flight_ > 0) return std::nullopt;
  instant at = std::max({now, opens_, paused_until_, yields_until_});
  if (circuit_.open()) at = std::max(at, circuit_.probe_at());
  return at;
}

bool gate::shut(instant now) const {
  if (yields(now)) return true;
  return (single_file_ || refused_at_ || circuit_.open()) && in_flight_ > 1;
}

}  // namespace patchbay
