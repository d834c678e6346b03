// The breaker: when the target answers nobody, requests stop but for a slow probe, 6 s, 12 s …
// 10 min apart, until one is answered. Pure; one per target.
#pragma once

#include <optional>

#include "patchbay/model/instant.hpp"

namespace patchbay {

class breaker {
 public:
  /// Opens after this many failures in a row.
  explicit breaker(int failures_in_a_row) : opens_after_(failures_in_a_row) {}

  /// Any definite answer, also a refusal.
  void answered();
  /// No connection, no answer, or a 5xx. `connected`: something was reached.
  void failed(instant now, bool connected);

  [[nodiscard]] bool open() const { return probe_at_.has_value(); }
  /// Open: the earliest moment of the next probe.
  [[nodiscard]] instant probe_at() const { return *probe_at_; }
  /// How long nothing was answered; zero while there are no failures.
  [[nodiscard]] nanoseconds silent_for(instant now) const;
  /// Whether the last failure had reached something.
  [[nodiscard]] bool connected() const { return connected_; }

 private:
  int opens_after_;
  int failures_ = 0;
  bool connected_ = false;
  std::optional<instant> first_failure_;
  std::optional<instant> probe_at_;
  nanoseconds pause_{0};
};

}  // namespace patchbay
