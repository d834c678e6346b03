// The part of `check` that asks the token endpoint and the API: reads alone, nothing is written.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "findings.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {

/// `found` outlives it.
[[nodiscard]] boost::asio::awaitable<void> check_api(composition& all, findings& found);

}  // namespace patchbay
