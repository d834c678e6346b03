// Connects to whichever of a host's addresses answers first (RFC 8305, "happy eyeballs"): address
// families take turns, the next attempt starts when one failed or a moment after the last start,
// and the first connection wins. Loop thread.
#pragma once

#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "patchbay/model/instant.hpp"

namespace patchbay {

using addresses = std::vector<boost::asio::ip::tcp::endpoint>;

/// IPv6 and IPv4 by turns, each in its given order, the family of the first one first.
[[nodiscard]] addresses interleaved(const addresses& given);

/// The winner is in `into`, the others are closed. timed_out: none within `limit`; otherwise the
/// failure of the last address that failed. `head_start`: how long an attempt is alone.
[[nodiscard]] boost::asio::awaitable<boost::system::error_code> race_to(
    boost::asio::io_context& loop, addresses order, nanoseconds head_start, nanoseconds limit,
    boost::asio::ip::tcp::socket& into);

}  // namespace patchbay
