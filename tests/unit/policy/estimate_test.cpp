#include "patchbay/policy/estimate.hpp"

#include <doctest/doctest.h>

#include "patchbay/policy/windows.hpp"

using namespace patchbay;
using namespace std::chrono_literals;

namespace {

double seconds_for(std::int64_t requests) {
  return estimate_sending({.requests = requests,
                           .windows = api_limits(request_class::patch, false),
                           .begins = {},
                           .deadline = {}})
      .seconds;
}

}  // namespace

TEST_CASE("estimate: nothing to send takes no time and meets any deadline") {
  const wall_time now{1'000s};
  const estimate_entry made = estimate_sending({.begins = now, .deadline = now});
  CHECK(made.seconds == 0);
  CHECK(made.finishes_at == now);
  CHECK(made.meets_deadline);
}

TEST_CASE("estimate: the burst window decides a short run, the average a long one") {
  CHECK(seconds_for(50) < 2);
  CHECK(seconds_for(51) > 10);
  CHECK(seconds_for(51) < 11);
  CHECK(seconds_for(201) > 60);
  // 12,000 an hour is what the API allows.
  CHECK(seconds_for(12'000) > 3'500);
  CHECK(seconds_for(12'000) < 3'700);
}

TEST_CASE("estimate: without windows the sessions decide") {
  const estimate_entry made = estimate_sending(
      {.requests = 800, .windows = {}, .sessions = 8, .begins = {}, .deadline = {}});
  CHECK(made.seconds > 9);
  CHECK(made.seconds < 11);
}

TEST_CASE("estimate: says when the deadline is missed") {
  const wall_time begins{0s};
  estimate_basis basis{.requests = 201,
                       .windows = api_limits(request_class::patch, false),
                       .begins = begins,
                       .deadline = begins + 60s};
  CHECK_FALSE(estimate_sending(basis).meets_deadline);
  basis.deadline = begins + 62s;
  CHECK(estimate_sending(basis).meets_deadline);
}
