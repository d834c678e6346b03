#include "tls_sessions.hpp"

#include <utility>

namespace patchbay {
namespace {

/// Two tickets a connection is what servers give; more than a pool's worth would only grow old.
constexpr std::size_t most_kept = 32;

/// The context's own slot: Asio uses the one for application data.
int slot() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

void tls_sessions::collect_from(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, slot(), this);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &tls_sessions::collected);
}

int tls_sessions::collected(SSL* of, SSL_SESSION* given) {
  auto* const self = static_cast<tls_sessions*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(of), slot()));
  self->kept_.emplace_back(given);
  if (self->kept_.size() > most_kept) self->kept_.pop_front();
  return 1;  // the reference is ours now
}

tls_session tls_sessions::take() {
  while (!kept_.empty()) {
    tls_session newest = std::move(kept_.back());
    kept_.pop_back();
    if (SSL_SESSION_is_resumable(newest.get()) == 1) return newest;
  }
  return nullptr;
}

void tls_sessions::give_back(tls_session proven) {
  if (SSL_SESSION_get_protocol_version(proven.get()) >= TLS1_3_VERSION) return;
  kept_.push_back(std::move(proven));
  if (kept_.size() > most_kept) kept_.pop_front();
}

}  // namespace patchbay
