#include "pace_check.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace patchbay::sim {
namespace {

using std::chrono::seconds;

std::string moment(instant at) {
  return std::to_string(std::chrono::duration<double>(at).count()) + " s";
}

bool begins_between(const births& engines, int process, instant from, instant until) {
  const auto known = engines.find(process);
  if (known == engines.end()) return false;
  const auto after = std::upper_bound(known->second.begin(), known->second.end(), from);
  return after != known->second.end() && *after <= until;
}

/// One that began just before has not had an answer yet.
std::int64_t begun_in(const births& engines, int process, const outage& down) {
  const auto known = engines.find(process);
  if (known == engines.end()) return 0;
  return std::count_if(known->second.begin(), known->second.end(), [&down](instant at) {
    return at >= down.from - seconds(1) && at < down.until;
  });
}

/// What a process has learnt of a class from its last 429.
struct patience {
  instant refused{0};
  nanoseconds pause{0};
  instant until{0};
};

}  // namespace

objections check_patience(const std::vector<tried>& tries, request_class kind, const outage& down,
                          const births& engines, const api_spec& api) {
  std::map<int, std::int64_t> met;
  for (const tried& one : tries) {
    if (one.kind == kind && down.meets(one.kind, one.at)) ++met[one.process];
  }
  const bool token = kind == request_class::token;
  // Every session may be on its way when the first failures are told; then 6 s, 12 s … 10 min. A
  // token is asked for by one alone, 1 s, 2 s … 30 s apart.
  const int on_their_way = kind == request_class::patch ? 2 * api.sessions : api.sessions;
  // Seven records are one fewer than open the circuit: each has all its tries, and one more where
  // others were answered late.
  const int of_seven =
      kind == request_class::patch ? 7 * (api.retry.attempts + 1) + api.sessions : 0;
  const std::int64_t to_find_out = token ? 6 : std::max(8 + on_their_way + 7, of_seven);
  const std::int64_t probes = (down.until - down.from) / (token ? seconds(29) : seconds(120));
  constexpr std::array names{"PATCHes", "GETs", "token requests"};
  for (const auto& [process, count] : met) {
    const std::int64_t most = (1 + begun_in(engines, process, down)) * to_find_out + probes;
    if (count <= most) continue;
    return {"patience: " + std::to_string(count) + ' ' + names.at(static_cast<std::size_t>(kind)) +
            " of one process in an outage from " + moment(down.from) + " to " + moment(down.until) +
            "; " + std::to_string(most) + " would have been plenty"};
  }
  return {};
}

objections check_429_pace(const std::vector<heard>& all, request_class kind,
                          const births& engines) {
  // Until the answer has gone through the store, others may leave.
  constexpr milliseconds on_the_way{250};
  std::map<int, patience> of;
  for (const heard& one : all) {
    if (one.kind != kind) continue;
    patience& mine = of[one.process];
    if (begins_between(engines, one.process, mine.refused, one.left)) mine = patience();
    if (one.left > mine.refused + on_the_way && one.left < mine.until) {
      return {"throttled: again at " + moment(one.left) + ", only " +
              moment(one.left - mine.refused) + " after a 429, and " + moment(mine.pause) +
              " would have been patient"};
    }
    if (one.status == 0 || one.status >= 500) continue;
    if (one.status != 429) {
      mine.pause = nanoseconds(0);
      continue;
    }
    // Answers of one moment are one refusal.
    if (mine.pause == nanoseconds(0)) {
      mine.pause = seconds(1);
    } else if (one.left >= mine.until) {
      mine.pause = std::min<nanoseconds>(mine.pause * 2, seconds(60));
    } else {
      continue;
    }
    mine.refused = one.ended;
    mine.until = one.ended + mine.pause;
  }
  return {};
}

objections check_no_hot_loop(std::int64_t made, std::int64_t most, const char* what) {
  if (made <= most) return {};
  return {"hot loop: " + std::to_string(made) + ' ' + what + ", " + std::to_string(most) +
          " would have been plenty"};
}

}  // namespace patchbay::sim
