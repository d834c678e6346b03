// What the twin does wrong on purpose, and to which requests. The plan is asked by `rules` for
// every request; chance comes from a seed, so that a run can be repeated. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/instant.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay::twin {

enum class fault_kind {
  // One of these at most for a request, the first rule that fits:
  reset_before,    ///< connection reset, nothing applied
  reset_after,     ///< applied, then reset before the first byte of the answer
  reset_mid_body,  ///< applied, reset in the middle of the answer's body
  never_answer,    ///< applied, and no answer for ever
  never_arrive,    ///< not applied, and no answer for ever
  apply_late,      ///< no answer; applied `delay` after its arrival
  slow,            ///< applied and answered, the answer `delay` later
  html_500,        ///< 500 with an HTML body (with `applied`: after it was applied, as all below)
  empty_502,
  empty_503,
  timeout_408,
  conflict_409,
  locked_423,
  throttled_429,  ///< the API's 429 though the windows have room
  denied_401,     ///< UNAUTHORIZED: no permission
  forbidden_403,
  redirect_302,
  revoke_token,  ///< the token is dead from here on: 401 INVALID_TOKEN
  // These add up with each other and with the above:
  no_rate_headers,   ///< the X-Ratelimit trio is missing
  not_applied,       ///< 200 that left `field` (empty: all) as it was
  lower_case_email,  ///< the e-mail is stored and echoed in lower case
  refuse_value,      ///< 422 for `field` when it is asked to become `text` (empty: anything)
};

[[nodiscard]] std::string_view name_of(fault_kind kind);  ///< "reset-before", "html-500", …

/// Which requests meet the fault. All conditions must fit.
struct fault_rule {
  fault_kind kind = fault_kind::reset_before;
  double probability = 1.0;           ///< for each request that fits
  int times = -1;                     ///< so many requests only; -1: no end
  int after = 0;                      ///< lets so many fitting requests pass first
  std::optional<request_class> only;  ///< nullopt: PATCH and GET, never the token endpoint
  std::string customer;               ///< id or reference; empty: any request
  std::string field;                  ///< not_applied, refuse_value: `email`, `metadata.limit`
  std::string text;                   ///< refuse_value: the plain value refused
  std::string error = "invalid";      ///< refuse_value: meta.error
  nanoseconds delay{0};               ///< apply_late, slow
  bool applied = false;               ///< error answers: the change was applied all the same
};

/// "reset-after,probability=0.01,method=PATCH,times=3,after=5,customer=C-000001,field=email,
/// value=a@x.it,error=taken,delay=20s,applied=yes": the kind first, the rest in any order.
/// TWIN_FAULT_INVALID.
[[nodiscard]] result<fault_rule> read_fault_rule(std::string_view text);
/// "250ms", "15s", "2m". TWIN_DURATION_INVALID.
[[nodiscard]] result<nanoseconds> read_duration(std::string_view text);

/// What is known of a request when the plan is asked.
struct fault_question {
  request_class kind = request_class::get;
  std::string_view customer_id;
  std::string_view customer_reference;
};

/// A repeatable stream of chance (splitmix64; not for secrets).
class dice {
 public:
  explicit dice(std::uint64_t seed) : state_(seed) {}
  [[nodiscard]] std::uint64_t roll();
  [[nodiscard]] double share() { return static_cast<double>(roll() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

class fault_plan {
 public:
  explicit fault_plan(std::uint64_t seed = 1) : dice_(seed) {}
  /// Asked in the order in which they were added; a list of rules with times = 1 is a script.
  void add(fault_rule one) { rules_.push_back({std::move(one), 0, 0}); }
  void clear() { rules_.clear(); }
  [[nodiscard]] std::size_t size() const { return rules_.size(); }

  /// The rules that this request meets: at most one of the exclusive kinds, any of the others.
  [[nodiscard]] std::vector<fault_rule> draw(const fault_question& about);

 private:
  struct counted_rule {
    fault_rule rule;
    int seen = 0;
    int used = 0;
  };
  std::vector<counted_rule> rules_;
  dice dice_;
};

}  // namespace patchbay::twin
