#include "patchbay/policy/windows.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace patchbay {

using std::chrono::seconds;

nanoseconds held_for(const window_limit& limit) {
  return limit.per + limit.per / 1000;
}

int widest(const window_limits& limits) {
  int most = 0;
  for (const window_limit& limit : limits) most = std::max(most, limit.requests);
  return most;
}

opening next_opening(std::span<const slot_release> newest_first, const window_limits& limits,
                     instant now) {
  opening found{.open = true, .not_before = now};
  for (const window_limit& limit : limits) {
    const auto full = static_cast<std::size_t>(limit.requests);
    if (newest_first.size() < full) continue;
    const slot_release& last = newest_first[full - 1];
    if (!last) return {.open = false, .not_before = std::nullopt};
    const instant opens = *last + held_for(limit);
    if (opens <= now) continue;
    found.open = false;
    found.not_before = std::max(*found.not_before, opens);
  }
  return found;
}

int taken_of(std::span<const slot_release> slots, const window_limits& limits, instant now) {
  nanoseconds longest{0};
  for (const window_limit& limit : limits) longest = std::max(longest, held_for(limit));
  return static_cast<int>(
      std::count_if(slots.begin(), slots.end(), [now, longest](const slot_release& released) {
        return !released || *released + longest > now;
      }));
}

yielding yield_for(const quota_shown& shown, double reserve, nanoseconds per) {
  const std::int64_t spent_by_others =
      shown.limit - shown.remaining - shown.taken - shown.in_flight;
  const auto kept = static_cast<std::int64_t>(static_cast<double>(shown.limit) * reserve);
  yielding made;
  if (shown.limit <= 0 || spent_by_others <= 0) return made;
  made.single_file = shown.remaining <= kept + shown.in_flight;
  if (shown.remaining <= kept) made.pause = per * (kept - shown.remaining + 1) / shown.limit;
  return made;
}

window_limits api_limits(request_class kind, bool test_mode) {
  if (kind == request_class::token) return {{30, seconds(60)}};
  if (test_mode) return {{100, seconds(60)}, {25, seconds(10)}};
  return {{200, seconds(60)}, {50, seconds(10)}};
}

}  // namespace patchbay
