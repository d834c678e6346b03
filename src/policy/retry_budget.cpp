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

void retry_budget::left(instant now) {
  saved_ = std::max(saved_ - 1, 0.0);
  last_ = now;
}

void retry_budget::gave_back() {
  saved_ = std::min(saved_ + 1, most_saved);
}

}  // namespace patchbay
