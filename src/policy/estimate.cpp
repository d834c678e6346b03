#include "patchbay/policy/estimate.hpp"

#include <algorithm>
#include <chrono>

#include "patchbay/policy/windows.hpp"

namespace patchbay {
namespace {

using real_seconds = std::chrono::duration<double>;

/// A PATCH and its answer on a warm connection, network included.
constexpr real_seconds one_request{0.1};

/// When the last of `requests` may leave: a slot returns one window after its answer.
real_seconds last_leaves(std::int64_t requests, const window_limit& limit) {
  if (limit.requests <= 0) return real_seconds(0);
  const std::int64_t rounds = (requests - 1) / limit.requests;
  const real_seconds round = real_seconds(held_for(limit)) + one_request;
  return round * static_cast<double>(rounds);
}

/// From the first PATCH until the last answer.
milliseconds time_for(std::int64_t requests, const estimate_basis& basis) {
  if (requests <= 0) return milliseconds(0);
  const std::int64_t sessions = std::max(basis.sessions, 1);
  real_seconds leaves = one_request * static_cast<double>((requests - 1) / sessions);
  for (const window_limit& limit : basis.windows) {
    leaves = std::max(leaves, last_leaves(requests, limit));
  }
  return std::chrono::ceil<milliseconds>(leaves + one_request);
}

/// The most requests that are answered within `span`: time_for() only grows.
std::int64_t fitting(milliseconds span, const estimate_basis& basis) {
  std::int64_t fits = 0;
  std::int64_t too_many = basis.requests + 1;
  while (fits + 1 < too_many) {
    const std::int64_t middle = fits + (too_many - fits) / 2;
    (time_for(middle, basis) <= span ? fits : too_many) = middle;
  }
  return fits;
}

}  // namespace

estimate_entry estimate_sending(const estimate_basis& basis) {
  estimate_entry made;
  const milliseconds takes = time_for(basis.requests, basis);
  made.requests = basis.requests;
  made.seconds = static_cast<double>(takes.count()) / 1000.0;
  made.finishes_at = basis.begins + takes;
  made.deadline = basis.deadline;
  made.meets_deadline = !basis.deadline || made.finishes_at <= *basis.deadline;
  made.fits = made.meets_deadline ? basis.requests : fitting(*basis.deadline - basis.begins, basis);
  return made;
}

}  // namespace patchbay
