// The breaker: when the target answers nobody, requests stop but for a slow probe, 6 s, 12 s …
// 10 min apart, until one is answered. Failures that may be a record's own fault count once a
// record, so that no few bad ones open it. Pure; one per class of requests.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "patchbay/model/instant.hpp"

namespace patchbay {

class breaker {
 public:
  /// Any definite answer, also a refusal.
  void answered();
  /// No connection, no answer, or a 5xx. `connected`: something was reached; `suspect`: the record
  /// that was sent, where it may be to blame.
  void failed(instant now, bool connected, std::optional<std::uint64_t> suspect = std::nullopt);
  /// Opens without waiting for more failures.
  void trip(instant now);

  [[nodiscard]] bool open() const { return probe_at_.has_value(); }
  /// Open: the earliest moment of the next probe.
  [[nodiscard]] instant probe_at() const { return *probe_at_; }
  /// How long nothing was answered; zero while there are no failures.
  [[nodiscard]] nanoseconds silent_for(instant now) const;
  /// Failures since the last answer.
  [[nodiscard]] int failures() const { return failures_; }
  /// Whether the last failure had reached something.
  [[nodiscard]] bool connected() const { return connected_; }

 private:
  int failures_ = 0;
  int nobodys_fault_ = 0;
  std::set<std::uint64_t> suspects_;
  bool connected_ = false;
  std::optional<instant> first_failure_;
  std::optional<instant> probe_at_;
  nanoseconds pause_{0};
};

}  // namespace patchbay
