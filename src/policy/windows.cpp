#include "patchbay/policy/windows.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace patchbay {

using std::chrono::seconds;

nanoseconds held_for(const window_limit& limit) {
  return limit.per + limit.per / 1000;
}

bool window_log::release(slot_number slot, instant at) {
  if (in_flight_.erase(slot) == 0) return false;
  add_released(at);
  return true;
}

void window_log::add_released(instant at) {
  released_.insert(std::upper_bound(released_.begin(), released_.end(), at), at);
}

void window_log::forget(instant before) {
  while (!released_.empty() && released_.front() < before) released_.pop_front();
}

opening window_log::next_opening(const window_limits& limits, instant now) const {
  opening found{.open = true, .not_before = now};
  for (const window_limit& limit : limits) {
    const auto full = static_cast<std::size_t>(limit.requests);
    if (in_flight_.size() >= full) return {.open = false, .not_before = std::nullopt};
    const std::size_t others = full - in_flight_.size();
    if (released_.size() < others) continue;
    // Of the newest slots that fill the window, the one that leaves it first.
    const instant opens = released_[released_.size() - others] + held_for(limit);
    if (opens <= now) continue;
    found.open = false;
    found.not_before = std::max(*found.not_before, opens);
  }
  return found;
}

int window_log::taken(nanoseconds per, instant now) const {
  const instant held_since = now - held_for({.requests = 0, .per = per});
  const auto first = std::upper_bound(released_.begin(), released_.end(), held_since);
  return static_cast<int>(in_flight_.size()) + static_cast<int>(released_.end() - first);
}

yielding yield_for(const quota_shown& shown, double reserve, nanoseconds per) {
  if (shown.limit <= 0) return {};
  const std::int64_t remaining = std::clamp<std::int64_t>(shown.remaining, 0, shown.limit);
  const std::int64_t spent_by_others = shown.limit - remaining - shown.taken - shown.in_flight;
  const auto kept = static_cast<std::int64_t>(static_cast<double>(shown.limit) * reserve);
  yielding made;
  if (spent_by_others <= 0) return made;
  made.single_file = remaining <= kept + shown.in_flight;
  if (remaining <= kept) made.pause = per * (kept - remaining + 1) / shown.limit;
  return made;
}

window_limits api_limits(request_class kind, bool test_mode) {
  if (kind == request_class::token) return {{30, seconds(60)}};
  if (test_mode) return {{100, seconds(60)}, {25, seconds(10)}};
  return {{200, seconds(60)}, {50, seconds(10)}};
}

window_limits windows_for(const api_spec& api, request_class kind, bool test_mode,
                          std::optional<int> shown) {
  window_limits windows = api_limits(kind, test_mode);
  if (kind == request_class::token) return windows;
  if (api.average) windows.front() = *api.average;
  if (api.burst) windows.back() = *api.burst;
  for (window_limit& one : windows) {
    if (shown && one.per == shown_per) one.requests = std::min(one.requests, *shown);
    const auto kept = static_cast<int>(static_cast<double>(one.requests) * (1 - api.reserve));
    one.requests = std::max(1, kept);
  }
  return windows;
}

}  // namespace patchbay
