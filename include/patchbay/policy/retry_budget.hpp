// How many repeated requests a sick target gets: what is answered earns a share of a repetition, a
// repetition that fails again has cost one. So a target that fails half of what it is asked is not
// asked twice as often, and one that has recovered gets everything at full speed. Pure.
#pragma once

#include "patchbay/model/instant.hpp"

namespace patchbay {

class retry_budget {
 public:
  /// Whether a repetition may leave now.
  [[nodiscard]] bool allows(instant now) const { return saved_ >= 1 || now >= opens(); }
  /// With nothing saved one may leave all the same, now and then: the earliest moment.
  [[nodiscard]] instant opens() const;

  void answered();  ///< any request
  /// A repetition leaves; what it has cost, which gave_back() returns when it is answered.
  [[nodiscard]] double left(instant now);
  void gave_back(double cost);

 private:
  double saved_ = most_saved;
  instant last_{0};
  static constexpr double most_saved = 10;
};

}  // namespace patchbay
