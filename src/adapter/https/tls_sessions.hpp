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
  /// nullptr: none. A ticket of TLS 1.3 is given out once (RFC 8446, C.4), a session of 1.2 again.
  [[nodiscard]] tls_session take();

 private:
  static int collected(SSL* of, SSL_SESSION* given);
  std::deque<tls_session> kept_;
};

}  // namespace patchbay
