// The exact sliding windows. A slot is held from its lease until one window (and 0.1 % for clock
// slew) after the response, so that no span of that length ever sees more requests than the
// limit at the server, whatever the network does. Token buckets do not have this property: they
// let twice the burst through. Pure; the store evaluates it inside the lease's transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

/// How one slot of a class stands: when it was released, nullopt while in flight.
using slot_release = std::optional<instant>;

struct opening {
  bool open = false;                  ///< a request may leave now
  std::optional<instant> not_before;  ///< closed: when to ask again; nullopt: at the next reply
};

/// What was cut off on our side (a reset, a time-out, a killed process) may still be on its way
/// to the server: such a slot counts as released this much later.
constexpr std::chrono::seconds still_travelling{1};

/// How long after its release a slot still counts against a window: `per` and 0.1 %.
[[nodiscard]] nanoseconds held_for(const window_limit& limit);

/// The most slots that any of the windows can hold: how many of the newest must be looked at.
[[nodiscard]] int widest(const window_limits& limits);

/// `newest_first`: slots in flight first, then released ones, newest release first; at least
/// widest(limits) of them if there are so many.
[[nodiscard]] opening next_opening(std::span<const slot_release> newest_first,
                                   const window_limits& limits, instant now);

/// How many of the slots count in the longest window at `now`.
[[nodiscard]] int taken_of(std::span<const slot_release> slots, const window_limits& limits,
                           instant now);

/// What an answer says of the API's average window, and what we know of our own part of it.
struct quota_shown {
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  int taken = 0;      ///< ours, when the request was leased
  int in_flight = 0;  ///< the most that may have been leased since
};
/// What others behind the same address are left when they spend too.
struct yielding {
  nanoseconds pause{0};      ///< less remains than the reserve: nothing leaves for so long
  bool single_file = false;  ///< little more remains: the next leaves when this one is answered
};
/// `reserve`: a share of the limit; `per`: of the average window.
[[nodiscard]] yielding yield_for(const quota_shown& shown, double reserve, nanoseconds per);

/// The API's limits: 200/60s and 50/10s live, half of that in test mode; token 30/60s.
/// (Its rate-limit documentation; the burst window was seen in recorded traffic.)
[[nodiscard]] window_limits api_limits(request_class kind, bool test_mode);

}  // namespace patchbay
