// What other processes asked the owner of the state to do (approve, discard, dead-letters retry
// and drop), carried out in order and then erased. Loop thread; owner only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/pickup.hpp"

namespace patchbay {

/// How often the owner looks for them: each is seen within a second.
constexpr milliseconds ask_every{500};

struct requests_done {
  std::set<std::string> decided;       ///< jobs of which a drop was approved or put away
  bool letters = false;                ///< dead letters were made due, or dropped
  std::vector<drop_record> recounted;  ///< drops whose rows count otherwise since
};

/// Carries out and erases every request; one whose subject does not exist (any more) is noted. What
/// concerns a drop of a busy job, which is being picked up, is left for later, unless it is held:
/// the pick-up has no other in hand.
[[nodiscard]] boost::asio::awaitable<requests_done> carry_out_requests(pickup_parts parts,
                                                                       std::set<std::string> busy);

}  // namespace patchbay
