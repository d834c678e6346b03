// The TLS sessions that an origin's servers gave us, for resumption: a new connection then skips
// the certificates and, in TLS 1.2, a round trip. A session comes from a verified handshake with
// the same origin and the same trust roots (both belong to the context), so what it resumes is as
// trusted as what it was made in. Loop thread.
#pragma once

#include <deque>
#include <memory>

#include <openssl/ssl.h>

namespace patchbay {

struct tls_session_free {
  void operator()(SSL_SESSION* one) const { SSL_SESSION_free(one); }
};
using tls_session = std::unique_ptr<SSL_SESSION, tls_session_free>;

class tls_sessions {
 public:
  /// Collects from now on what connections of `context` are given; must live as long as it.
  void collect_from(SSL_CTX* context);
  /// nullptr: none.
  [[nodiscard]] tls_session take();
  /// After a handshake that it has resumed: a session of TLS 1.2 may serve again, a ticket of 1.3
  /// only once (RFC 8446, C.4). One whose handshake failed stays away, and the next is a full one.
  void give_back(tls_session proven);

 private:
  static int collected(SSL* of, SSL_SESSION* given);
  std::deque<tls_session> kept_;
};

}  // namespace patchbay
