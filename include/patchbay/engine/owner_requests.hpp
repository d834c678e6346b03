// What other processes asked the owner of the state to do (approve, discard, dead-letters retry
// and drop), carried out in order and then erased. Loop thread; owner only.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/pickup.hpp"

namespace patchbay {

/// Carries out and erases every request; one whose subject does not exist (any more) is noted.
[[nodiscard]] boost::asio::awaitable<void> carry_out_requests(pickup_parts parts);

}  // namespace patchbay
