// The proxy that a network wants crossed on the way out: named by the environment as curl and Go
// read it (https_proxy, no_proxy; capitals too), spoken to in plain HTTP with CONNECT, so it sees
// host names and never a request. Plain value.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/adapter/https/origin.hpp"
#include "patchbay/model/fault.hpp"

namespace patchbay {

struct proxy {
  std::string host;           ///< lower-case name, or an address without brackets
  std::string port;           ///< always given; 80 where the URL has none
  std::string authorization;  ///< value of Proxy-Authorization, empty: none; never shown

  /// For messages: host and port, no credentials.
  [[nodiscard]] std::string shown() const;
  friend bool operator==(const proxy&, const proxy&) = default;
};

/// `http://[user:password@]host[:port]`, the scheme may be missing. PROXY_INVALID.
[[nodiscard]] result<proxy> proxy_of(std::string_view url);

/// A variable of the environment; empty: not set.
using environment_lookup = std::function<std::string(const char* name)>;

/// nullopt: straight there. A loopback host, plain http and what no_proxy names are never proxied
/// (`*`, a host, a domain with or without its dot, each with or without a port).
[[nodiscard]] result<std::optional<proxy>> proxy_for(const origin& where,
                                                     const environment_lookup& variable);

}  // namespace patchbay
