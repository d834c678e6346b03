#include "patchbay/policy/retry_budget.hpp"

#include <algorithm>
#include <chrono>

namespace patchbay {
namespace {

constexpr double share = 0.2;
constexpr std::chrono::seconds now_and_then{5};

}  // namespace

instant retry_budget::opens() const {
  return last_ + now_and_then;
}

void retry_budget::answered() {
  saved_ = std::min(saved_ + share, most_saved);
}

double retry_budget::left(instant now) {
  const double cost = std::min(saved_, 1.0);
  saved_ -= cost;
  last_ = now;
  return cost;
}

void retry_budget::gave_back(double cost) {
  saved_ = std::min(saved_ + cost, most_saved);
}

}  // namespace patchbay
