// One HTTP request and its reply as plain data: made and read by protocol/, carried by
// port/exchange. Only what the API needs; no library type, no socket.
#pragma once

#include <map>
#include <string>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

struct request {
  request_class kind = request_class::get;
  std::string method;        ///< "GET", "PATCH", "POST"
  std::string target;        ///< path and query, already percent-encoded, base path included
  std::string accept;        ///< Accept header
  std::string content_type;  ///< empty: no body
  std::string body;
  std::string authorization;  ///< whole header value; never logged
};

struct reply {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  ///< lower-case names
  std::string body;
  instant sent{0};      ///< when the request was handed over, set by who sent it
  instant received{0};  ///< when the last byte was read

  [[nodiscard]] std::string header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// Why there is no reply. `unsent`: nothing of the request reached the wire, so nothing can have
/// been applied. `refused_tls` is unsent too, and holds for every further request.
struct no_reply {
  enum class cause { unsent, refused_tls, timed_out, reset, unreadable };
  cause why = cause::reset;
  std::string message;  ///< for people: which host, what happened, what to check
  instant ended{0};     ///< when the socket was closed
};

}  // namespace patchbay
