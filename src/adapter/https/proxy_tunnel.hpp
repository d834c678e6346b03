// CONNECT (RFC 9110, 9.3.6): asks a proxy for a tunnel to the origin. Ended by whoever closes the
// socket. Loop thread.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "patchbay/adapter/https/proxy.hpp"

namespace patchbay {

/// nullopt: the socket speaks to the origin now. Otherwise what went wrong and what to check.
[[nodiscard]] boost::asio::awaitable<std::optional<std::string>> open_tunnel(
    boost::asio::ip::tcp::socket& line, const proxy& through, const origin& to);

}  // namespace patchbay
