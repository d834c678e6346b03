// One request, one reply. An exchange owns at most one keep-alive TLS connection and is used by
// one coroutine at a time, on the loop thread; a pool is as many exchanges as there are workers.
// The contract that delivery builds on: `unsent` and `refused_tls` promise that no byte of the
// request left; every other failure means the API may have applied it, or may still, and that
// the connection was closed with RST before returning.
#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include "patchbay/model/message.hpp"

namespace patchbay {

/// Needed to instantiate result<reply, no_reply>; calling .value() on a failure is a bug.
[[noreturn]] void throw_exception_from_error(const no_reply& error, const boost::source_location&);

class exchange {
 public:
  virtual ~exchange() = default;
  /// Never follows a redirect, never retries. `timeout` covers everything from connect to the
  /// last byte of the body (connect has its own, shorter, configured limit).
  virtual boost::asio::awaitable<boost::system::result<reply, no_reply>> send(
      request what, nanoseconds timeout) = 0;
};

/// Makes exchanges with one origin (scheme, host, port). Every one verifies its peer.
class exchange_factory {
 public:
  virtual ~exchange_factory() = default;
  [[nodiscard]] virtual std::unique_ptr<exchange> open() = 0;
};

}  // namespace patchbay
