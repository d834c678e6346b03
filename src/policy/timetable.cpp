#include "patchbay/policy/timetable.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "patchbay/model/fingerprint.hpp"

namespace patchbay {
namespace {

/// Blackouts that follow one another without a gap, before we believe that they never end.
constexpr int most_in_a_row = 1'000;

}  // namespace

timetable::timetable(timetable_spec spec, std::shared_ptr<const zone> where)
    : spec_(std::move(spec)), where_(std::move(where)) {}

wall_time timetable::spread(wall_time scheduled) const {
  if (spec_.jitter <= milliseconds(0) || scheduled == wall_time::max() ||
      scheduled == wall_time::min()) {
    return scheduled;
  }
  const std::string moment = std::to_string(scheduled.time_since_epoch().count());
  const fingerprint print = fingerprinter("patchbay jitter " + spec_.seed).of_record(moment);
  milliseconds longest = spec_.jitter;
  // Spread over no more than the time there is.
  if (spec_.deadline) {
    longest = std::min(longest, deadline_after(scheduled, *spec_.deadline, *where_) - scheduled);
  }
  const auto most = static_cast<std::uint64_t>(longest.count());
  return scheduled + milliseconds(static_cast<std::int64_t>(print.low % most));
}

std::optional<wall_time> timetable::next_due(wall_time after) const {
  if (!spec_.schedule) return {};
  // One that was scheduled before may come after, and two may change places.
  wall_time scheduled = spec_.schedule->next_after(after - spec_.jitter, *where_);
  wall_time first = wall_time::max();
  while (scheduled < first) {
    if (const wall_time due = spread(scheduled); due > after) first = std::min(first, due);
    scheduled = spec_.schedule->next_after(scheduled, *where_);
  }
  return first;
}

std::optional<wall_time> timetable::last_due(wall_time at) const {
  if (!spec_.schedule) return {};
  wall_time scheduled = spec_.schedule->last_until(at, *where_);
  wall_time last = wall_time::min();
  while (scheduled != wall_time::min() && scheduled + spec_.jitter >= last) {
    if (const wall_time due = spread(scheduled); due <= at) last = std::max(last, due);
    scheduled = spec_.schedule->last_until(scheduled - milliseconds(1), *where_);
  }
  return last;
}

std::optional<span_of_time> timetable::next_blackout(wall_time at) const {
  std::optional<span_of_time> first;
  for (const blackout& one : spec_.blackouts) {
    const std::optional<span_of_time> span = one.next(at, *where_);
    if (span && (!first || span->from < first->from)) first = span;
  }
  return first;
}

std::optional<time_bound> timetable::closed(wall_time now) const {
  std::optional<time_bound> found;
  wall_time at = now;
  for (int i = 0; i < most_in_a_row; ++i) {
    const std::optional<span_of_time> dark = next_blackout(at);
    if (dark && dark->from <= at) {
      if (!found) found = time_bound{time_limit::blackout, {}};
      at = dark->to;
      continue;
    }
    if (!spec_.schedule || !spec_.deadline) break;
    const wall_time due = *last_due(at);
    if (due != wall_time::min() && at < deadline_after(due, *spec_.deadline, *where_)) break;
    if (!found) found = time_bound{time_limit::deadline, {}};
    at = *next_due(at);
    if (at == wall_time::max()) break;
  }
  if (found) found->at = at;
  return found;
}

std::optional<time_bound> timetable::ends(wall_time now) const {
  std::optional<time_bound> first;
  if (spec_.deadline) {
    first = time_bound{time_limit::deadline, deadline_after(now, *spec_.deadline, *where_)};
  }
  const std::optional<span_of_time> dark = next_blackout(now);
  if (dark && (!first || dark->from < first->at)) {
    first = time_bound{time_limit::blackout, std::max(dark->from, now)};
  }
  return first;
}

}  // namespace patchbay
