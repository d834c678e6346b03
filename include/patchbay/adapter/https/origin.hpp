// Where requests go: scheme, host and port of a configured URL, taken apart once. The one rule
// about plain http lives here: the token travels in every request, so http is for a loopback
// host only, and there is no switch. Plain value.
#pragma once

#include <string>
#include <string_view>

#include "patchbay/model/fault.hpp"

namespace patchbay {

struct origin {
  bool tls = true;
  bool is_address = false;  ///< the host is an IP address, not a name
  std::string host;         ///< lower-case name, or an address without brackets
  std::string port;         ///< always given, 443 and 80 included

  /// `host`, `host:port` or `[::1]:port`; the port only where it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
  /// For messages: always with the port.
  [[nodiscard]] std::string shown() const;
  friend bool operator==(const origin&, const origin&) = default;
};

/// The origin of a URL; path and query are ignored. URL_INVALID, HTTP_NOT_LOOPBACK.
[[nodiscard]] result<origin> origin_of(std::string_view url);

[[nodiscard]] std::string lowered_ascii(std::string text);

/// localhost, 127.0.0.0/8, ::1.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace patchbay
