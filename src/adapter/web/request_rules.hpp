// What is answered, and what is refused before any page is asked: methods, targets, and the Host
// header, for a page of the internet must not reach a loopback port by a name that it had turned
// to 127.0.0.1 (DNS rebinding). Private to adapter/web. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/adapter/web/web_server.hpp"

namespace patchbay {

/// The head of a request as far as it is judged.
struct web_request {
  std::string method;
  std::string target;
  std::vector<std::string> hosts;  ///< every Host header
  bool has_body = false;
};

/// Whether the Host header names this machine's own door. `door`: the host part of the address
/// that is listened on, e.g. 127.0.0.2 or [::1].
[[nodiscard]] bool names_us(std::string_view host, std::string_view door);

/// 400, 405, 421; nullopt: nothing is wrong so far. An empty `door`, a socket file: any host.
[[nodiscard]] std::optional<web_reply> refusal_of(const web_request& asked, std::string_view door);

/// The target without its query.
[[nodiscard]] std::string_view path_of(std::string_view target);

}  // namespace patchbay
