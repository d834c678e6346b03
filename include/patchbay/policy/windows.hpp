// The exact sliding windows. A slot is held from its lease until one window (and 0.1 % for clock
// slew) after the response, so that no span of that length ever sees more requests than the
// limit at the server, whatever the network does. Token buckets do not have this property: they
// let twice the burst through. Pure; the store evaluates it inside the lease's transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

struct opening {
  bool open = false;                  ///< a request may leave now
  std::optional<instant> not_before;  ///< closed: when to ask again; nullopt: at the next reply
};

/// What was cut off on our side (a reset, a time-out, a killed process) may still be on its way
/// to the server: such a slot counts as released this much later.
constexpr std::chrono::seconds still_travelling{1};

/// The window that X-Ratelimit-Limit and -Remaining describe; the burst window is never shown.
constexpr std::chrono::seconds shown_per{60};

/// How long after its release a slot still counts against a window: `per` and 0.1 %.
[[nodiscard]] nanoseconds held_for(const window_limit& limit);

/// The slots of one class: those in flight, and when the others were released. Answers without
/// looking at more than one of them a window, however many there are.
class window_log {
 public:
  void lease(slot_number slot) { in_flight_.insert(slot); }
  /// False: it was not in flight.
  bool release(slot_number slot, instant at);
  /// It never left. False: it was not in flight.
  bool take_back(slot_number slot) { return in_flight_.erase(slot) != 0; }
  /// A slot that was released before this log began.
  void add_released(instant at);
  /// Releases before this moment count no more.
  void forget(instant before);

  [[nodiscard]] opening next_opening(const window_limits& limits, instant now) const;
  /// How many slots count at `now` in a window of this length.
  [[nodiscard]] int taken(nanoseconds per, instant now) const;

 private:
  std::set<slot_number> in_flight_;
  std::deque<instant> released_;  ///< the oldest first
};

/// What an answer says of the API's average window, and what we know of our own part of it.
struct quota_shown {
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  int taken = 0;      ///< ours in that window, when the request was leased
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

/// The windows that a class keeps to: each as configured, else as the API's; never more in a minute
/// than the API has `shown` of late; less the reserve, at least one.
[[nodiscard]] window_limits windows_for(const api_spec& api, request_class kind, bool test_mode,
                                        std::optional<int> shown);

}  // namespace patchbay
