// One connection to the origin: name, TCP, perhaps a proxy, verified TLS, and whether it can still
// be used. Knows nothing of requests. SO_LINGER is 0 from the first moment, so that an end that
// nobody planned (a time-out, a kill) is an RST and takes along what the kernel still holds. Owned
// by an exchange, loop thread.
#pragma once

#include <memory>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "address_race.hpp"
#include "https_terms.hpp"
#include "socket_deadline.hpp"
#include "tls_refusal.hpp"

namespace patchbay {

class https_link {
 public:
  using plain_stream = boost::asio::ip::tcp::socket;
  using tls_stream = boost::asio::ssl::stream<plain_stream&>;

  explicit https_link(std::shared_ptr<https_terms> terms);
  ~https_link();

  /// Open, rested, not for too long, not too old, and the peer has said nothing since: no end, no
  /// byte.
  [[nodiscard]] bool usable(instant now);
  /// nullopt: connected and verified. The failures are `unsent` and `refused_tls`.
  [[nodiscard]] boost::asio::awaitable<std::optional<no_reply>> connect(nanoseconds limit);

  void arm(nanoseconds after);  ///< the connection ends then, unless rest() or end comes first
  void rest(instant now);       ///< keeps it for the next request
  void end();                   ///< FIN; the reply was whole
  bool abort();                 ///< RST; true: because its deadline had passed

  [[nodiscard]] plain_stream& plain() { return socket_; }
  /// nullptr: plain http to loopback.
  [[nodiscard]] tls_stream* tls() { return tls_ ? &*tls_ : nullptr; }

 private:
  boost::asio::awaitable<std::optional<no_reply>> resolve(instant until, addresses& found);
  boost::asio::awaitable<std::optional<no_reply>> cross(const proxy& through, instant until);
  boost::asio::awaitable<std::optional<no_reply>> shake_hands(instant until);
  [[nodiscard]] no_reply unsent(const std::string& what) const;
  [[nodiscard]] no_reply unreached(const boost::system::error_code& why) const;
  [[nodiscard]] boost::system::error_code prepare_tls();

  std::shared_ptr<https_terms> terms_;
  plain_stream socket_;
  std::optional<tls_stream> tls_;
  socket_deadline deadline_;
  certificate_objection objection_;
  tls_session offered_;  ///< to resume, while the handshake is under way
  instant made_at_{0};
  std::optional<instant> rests_since_;
};

}  // namespace patchbay
