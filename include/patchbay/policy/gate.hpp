// When a class of requests may leave again: what its windows, a 429, the quota that others spend
// and the breaker say, and which of its requests are under way. One per class and target; it
// outlives a pass, so that an outage is met as slowly by the next. Pure; loop thread.
#pragma once

#include <optional>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/window.hpp"
#include "patchbay/policy/breaker.hpp"
#include "patchbay/policy/windows.hpp"

namespace patchbay {

class gate {
 public:
  void left() { ++in_flight_; }
  void landed() { --in_flight_; }

  /// No slot was free until `not_before`; nullopt: all are in flight.
  void denied(std::optional<instant> not_before, instant now);
  /// A 429; `retry_after` as it says.
  void throttled(std::optional<nanoseconds> retry_after, instant now);
  /// With every answer: what others behind the same address are left of the quota.
  void quota(const yielding& to_others, instant now);
  /// Any definite answer but 429, to what left at `sent`: of the quota it says nothing when a 429
  /// has come since.
  void answered(instant sent);
  /// A slot was given back, or its request was not answered: one may be free.
  void released() { at_reply_ = false; }
  void failed(instant now, bool connected, std::optional<std::uint64_t> suspect = std::nullopt) {
    circuit_.failed(now, connected, suspect);
    refused_since_.reset();
  }
  void trip(instant now) { circuit_.trip(now); }

  /// The moment at which one may leave; nullopt: when one of those in flight has landed.
  [[nodiscard]] std::optional<instant> opens(instant now) const;
  /// What was about to leave must not: a 429 or the quota is being waited out, or one alone may go.
  [[nodiscard]] bool shut(instant now) const;
  /// Others spend what it could: a 429, or what they leave, is being waited out.
  [[nodiscard]] bool yields(instant now) const {
    return now < paused_until_ || now < yields_until_;
  }
  /// Since when 429 is the only answer.
  [[nodiscard]] std::optional<instant> refused_since() const { return refused_since_; }
  [[nodiscard]] const breaker& circuit() const { return circuit_; }

 private:
  breaker circuit_;
  int in_flight_ = 0;
  instant opens_{0};
  nanoseconds pause_{0};  ///< of the last 429, doubles
  instant paused_until_{0};
  instant yields_until_{0};               ///< to others
  bool at_reply_ = false;                 ///< closed until something is released
  bool single_file_ = false;              ///< one at a time: little is left by others
  std::optional<instant> refused_since_;  ///< the first 429, and nothing else since
  std::optional<instant> refused_at_;     ///< the last 429: one at a time finds out
};

/// Of one target. Tokens have none: their endpoint is another, and asked rarely.
struct gates {
  gate patch;
  gate get;
  [[nodiscard]] gate& of(request_class what) { return what == request_class::patch ? patch : get; }
};

}  // namespace patchbay
