#include "patchbay/policy/estimate.hpp"

#include <algorithm>
#include <chrono>

#include "patchbay/policy/windows.hpp"

namespace patchbay {
namespace {

using seconds = std::chrono::duration<double>;

/// A PATCH and its answer on a warm connection, network included.
constexpr seconds one_request{0.1};

/// When the last of `requests` may leave: a slot returns one window after its answer.
seconds last_leaves(std::int64_t requests, const window_limit& limit) {
  if (limit.requests <= 0) return seconds(0);
  const std::int64_t rounds = (requests - 1) / limit.requests;
  const seconds round = seconds(held_for(limit)) + one_request;
  return round * static_cast<double>(rounds);
}

}  // namespace

estimate_entry estimate_sending(const estimate_basis& basis) {
  estimate_entry made;
  made.requests = basis.requests;
  made.finishes_at = basis.begins;
  if (basis.requests > 0) {
    const std::int64_t sessions = std::max(basis.sessions, 1);
    seconds leaves = one_request * static_cast<double>((basis.requests - 1) / sessions);
    for (const window_limit& limit : basis.windows) {
      leaves = std::max(leaves, last_leaves(basis.requests, limit));
    }
    const auto takes = std::chrono::ceil<milliseconds>(leaves + one_request);
    made.seconds = static_cast<double>(takes.count()) / 1000.0;
    made.finishes_at += takes;
  }
  made.meets_deadline = !basis.deadline || made.finishes_at <= *basis.deadline;
  return made;
}

}  // namespace patchbay
