#include "pace_check.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>

namespace patchbay::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string moment(instant at) {
  return std::to_string(std::chrono::duration<double>(at).count()) + " s";
}

bool begins_between(const std::vector<instant>& lives, instant from, instant until) {
  const auto after = std::upper_bound(lives.begin(), lives.end(), from);
  return after != lives.end() && *after <= until;
}

}  // namespace

objections check_patience(const std::vector<tried>& tries, const outage& down,
                          const std::vector<instant>& lives, const api_spec& api) {
  const auto met = std::count_if(tries.begin(), tries.end(), [&down](const tried& one) {
    return down.meets(one.kind, one.at);
  });
  const auto begun = std::count_if(lives.begin(), lives.end(), [&down](instant at) {
    return at >= down.from && at < down.until;
  });
  // Every session may be on its way when the first failures are told; then 6 s, 12 s … 10 min.
  constexpr std::int64_t opens_breaker = 8;
  constexpr std::int64_t growing_pauses = 7;
  const std::int64_t to_find_out = opens_breaker + 2 * api.sessions + growing_pauses;
  const std::int64_t probes = (down.until - down.from) / minutes(2);
  const std::int64_t most = (1 + begun) * to_find_out + probes;
  if (met <= most) return {};
  return {"patience: " + std::to_string(met) + " requests in an outage from " + moment(down.from) +
          " to " + moment(down.until) + " and " + std::to_string(begun) + " lives; " +
          std::to_string(most) + " would have been plenty"};
}

objections check_429_pace(const request_log& log, request_class kind,
                          const std::vector<instant>& lives) {
  // Answers of one moment are one refusal.
  constexpr seconds one_moment{1};
  std::optional<instant> last;
  nanoseconds pause{0};
  for (const twin::logged_request& one : log) {
    if (one.kind != kind) continue;
    if (one.status != 429) {
      last.reset();
      pause = nanoseconds(0);
      continue;
    }
    if (last && begins_between(lives, *last, one.arrival)) {
      last.reset();
      pause = nanoseconds(0);
    }
    if (last && one.arrival - *last < one_moment) continue;
    if (last && one.arrival - *last < pause) {
      return {"throttled: again at " + moment(one.arrival) + ", only " +
              moment(one.arrival - *last) + " after the one before"};
    }
    // What leaves while the answer is on its way back does not know of it; 10 % for that.
    pause = last ? std::min<nanoseconds>(std::max<nanoseconds>(pause * 2, milliseconds(900)),
                                         seconds(54))
                 : nanoseconds(0);
    last = one.arrival;
  }
  return {};
}

objections check_no_hot_loop(std::int64_t made, std::int64_t most, const char* what) {
  if (made <= most) return {};
  return {"hot loop: " + std::to_string(made) + ' ' + what + ", " + std::to_string(most) +
          " would have been plenty"};
}

}  // namespace patchbay::sim
