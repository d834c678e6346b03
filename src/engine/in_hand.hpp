// The customers that a pass has in hand: their levels as last loaded, under the ticket by which
// dispatch speaks of them. Bounded by the dispatcher's low water and one page. Private to engine/;
// loop thread.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "patchbay/model/job.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/policy/dispatch.hpp"

namespace patchbay {

struct customer_in_hand {
  customer_levels levels;
  const job_spec* job = nullptr;
  std::optional<std::string> metadata;  ///< the whole object as just read
  instant metadata_read{0};
  int epoch = 0;         ///< of the pass, when the levels were loaded
  bool repeats = false;  ///< the next PATCH repeats one that had an answer other than 429, or none
};

class customers_in_hand {
 public:
  [[nodiscard]] bool holds(std::string_view job, std::string_view key) const {
    return tickets_.contains(name(job, key));
  }
  ticket take(customer_in_hand one) {
    const ticket which = ++last_;
    tickets_.emplace(name(one.levels.job, one.levels.key), which);
    customers_.emplace(which, std::move(one));
    return which;
  }
  /// Stays where it is until let_go().
  [[nodiscard]] customer_in_hand& at(ticket which) { return customers_.at(which); }
  [[nodiscard]] const customer_in_hand& at(ticket which) const { return customers_.at(which); }
  [[nodiscard]] bool all(const std::function<bool(const customer_levels&)>& are) const {
    return std::all_of(customers_.begin(), customers_.end(),
                       [&are](const auto& one) { return are(one.second.levels); });
  }
  void let_go(ticket which) {
    const auto found = customers_.find(which);
    if (found == customers_.end()) return;
    tickets_.erase(name(found->second.levels.job, found->second.levels.key));
    customers_.erase(found);
  }

 private:
  using named = std::pair<std::string, std::string>;
  [[nodiscard]] static named name(std::string_view job, std::string_view key) {
    return {std::string(job), std::string(key)};
  }

  std::map<ticket, customer_in_hand> customers_;
  std::map<named, ticket> tickets_;
  ticket last_ = 0;
};

/// What a customer still waits for, and from when on; nullopt: nothing in this pass.
/// `due`: dead letters due until then are tried again.
struct work_left {
  need what = need::patch;
  instant not_before{0};
};
[[nodiscard]] std::optional<work_left> work_left_for(const customer_levels& customer,
                                                     const mapping_spec& mapping, wall_time due);

}  // namespace patchbay
