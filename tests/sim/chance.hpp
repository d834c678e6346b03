// All chance of one simulation, from its seed: the same seed makes the same run.
#pragma once

#include <cstdint>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/twin/fault_plan.hpp"

namespace patchbay::sim {

class chance {
 public:
  explicit chance(std::uint64_t seed) : dice_(seed * 0x9E3779B97F4A7C15U + 1) {}

  /// Between `low` and `high`, both included.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(dice_.roll() % span);
  }
  [[nodiscard]] nanoseconds between(nanoseconds low, nanoseconds high) {
    return nanoseconds(between(low.count(), high.count()));
  }
  [[nodiscard]] bool happens(double probability) { return dice_.share() < probability; }
  template <class One>
  [[nodiscard]] const One& one_of(const std::vector<One>& all) {
    return all[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(all.size()) - 1))];
  }
  [[nodiscard]] std::uint64_t roll() { return dice_.roll(); }

 private:
  twin::dice dice_;
};

}  // namespace patchbay::sim
