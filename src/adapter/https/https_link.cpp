#include "https_link.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include "as_values.hpp"
#include "proxy_tunnel.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// A look-up that can be left behind: it runs in getaddrinfo on a thread of its own, which no
/// cancel reaches, so the waiter's timer is what ends the waiting.
struct look_up {
  explicit look_up(asio::io_context& loop) : ready(loop) {}
  asio::steady_timer ready;
  bool done = false;
  error_code failed;
  std::vector<tcp::endpoint> found;
};

std::string spelled(milliseconds limit) {
  return std::to_string(limit.count()) + " ms";
}

bool nothing_to_read(int descriptor) {
  pollfd one{};
  one.fd = descriptor;
  one.events = POLLIN | POLLPRI | POLLRDHUP;
  return ::poll(&one, 1, 0) == 0;
}

}  // namespace

https_link::https_link(std::shared_ptr<https_terms> terms)
    : terms_(std::move(terms)), socket_(terms_->loop), deadline_(terms_->loop) {}

https_link::~https_link() {
  if (rests_since_) {
    end();
  } else {
    abort();
  }
}

bool https_link::usable(instant now) {
  if (!rests_since_ || !socket_.is_open()) return false;
  if (now - *rests_since_ > terms_->options.idle_limit) return false;
  if (now - made_at_ > terms_->options.age_limit) return false;
  // A byte that nobody asked for is a goodbye in TLS, or a 408: either way no place for a request.
  if (!nothing_to_read(socket_.native_handle())) return false;
  if (!tls_) return true;
  SSL* const session = tls_->native_handle();
  return BIO_ctrl_pending(SSL_get_rbio(session)) == 0 && SSL_has_pending(session) == 0;
}

void https_link::arm(nanoseconds after) {
  rests_since_.reset();
  deadline_.arm(socket_, after);
}

void https_link::rest(instant now) {
  deadline_.disarm();
  rests_since_ = now;
}

void https_link::end() {
  error_code ignored;
  if (socket_.is_open()) socket_.set_option(tcp::socket::linger(false, 0), ignored);
  abort();
}

bool https_link::abort() {
  const bool late = deadline_.disarm();
  error_code ignored;
  socket_.close(ignored);
  // Otherwise OpenSSL takes the session for spoilt; since TLS 1.1 an abrupt end spoils none.
  if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  tls_.reset();
  rests_since_.reset();
  return late;
}

no_reply https_link::unsent(const std::string& what) const {
  return {no_reply::cause::unsent, what, terms_->time.now()};
}

no_reply https_link::unreached(const error_code& why) const {
  const std::string what =
      why == asio::error::timed_out ? std::string("no connection in time") : why.message();
  if (const auto& through = terms_->through) {
    return unsent("the proxy " + through->shown() + " on the way to " + terms_->where.shown() +
                  " cannot be reached: " + what + "; check https_proxy and the network");
  }
  return unsent(terms_->where.shown() + " cannot be reached: " + what +
                "; check the network, the firewall and the URL in the configuration");
}

asio::awaitable<std::optional<no_reply>> https_link::connect(nanoseconds limit) {
  abort();
  const instant until =
      terms_->time.now() + std::min<nanoseconds>(limit, terms_->options.connect_timeout);
  const auto& through = terms_->through;
  addresses found;
  std::optional<no_reply> failed = co_await resolve(until, found);
  if (failed) co_return failed;
  const nanoseconds left = std::max(until - terms_->time.now(), nanoseconds::zero());
  const error_code refused =
      co_await race_to(terms_->loop, interleaved(found), terms_->options.head_start, left, socket_);
  if (refused) co_return unreached(refused);
  made_at_ = terms_->time.now();
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(tcp::socket::linger(true, 0), ignored);
  if (through) {
    failed = co_await cross(*through, until);
    if (failed) co_return failed;
  }
  if (terms_->where.tls) {
    failed = co_await shake_hands(until);
    if (failed) co_return failed;
  }
  deadline_.disarm();
  co_return std::nullopt;
}

asio::awaitable<std::optional<no_reply>> https_link::resolve(instant until, addresses& found) {
  const origin& where = terms_->where;
  const auto& through = terms_->through;
  const std::string& host = through ? through->host : where.host;
  const std::string& port = through ? through->port : where.port;
  auto pending = std::make_shared<look_up>(terms_->loop);
  pending->ready.expires_after(until - terms_->time.now());
  tcp::resolver resolver(terms_->loop);
  resolver.async_resolve(
      host, port, tcp::resolver::numeric_service,
      [pending](const error_code& failed, const tcp::resolver::results_type& results) {
        pending->done = true;
        pending->failed = failed;
        for (const auto& one : results) pending->found.push_back(one.endpoint());
        pending->ready.cancel();
      });
  co_await pending->ready.async_wait(as_values);
  if (!pending->done) {
    co_return unsent("the name " + host + " was not resolved within " +
                     spelled(terms_->options.connect_timeout) + "; check the name servers");
  }
  if (pending->failed) {
    co_return unsent("the name " + host + " cannot be resolved: " + pending->failed.message() +
                     "; check the name servers and " +
                     (through ? "https_proxy" : "the URL in the configuration"));
  }
  found = pending->found;
  if (!where.tls) {  // whatever a hosts file says of localhost, plain http stays on this machine
    std::erase_if(found, [](const tcp::endpoint& one) { return !one.address().is_loopback(); });
  }
  if (found.empty()) co_return unsent("the name " + host + " has no usable address");
  co_return std::nullopt;
}

asio::awaitable<std::optional<no_reply>> https_link::cross(const proxy& through, instant until) {
  deadline_.arm(socket_, std::max(until - terms_->time.now(), nanoseconds::zero()));
  const std::optional<std::string> failed = co_await open_tunnel(socket_, through, terms_->where);
  if (!failed) {
    deadline_.disarm();
    co_return std::nullopt;
  }
  const bool late = abort();
  if (late) {
    co_return unsent("the proxy " + through.shown() + " did not answer within " +
                     spelled(terms_->options.connect_timeout) + "; check https_proxy");
  }
  co_return unsent(*failed);
}

error_code https_link::prepare_tls() {
  const origin& where = terms_->where;
  objection_ = {};
  tls_.emplace(socket_, terms_->tls);
  SSL* const session = tls_->native_handle();
  bool ready = true;
  if (where.is_address) {
    ready = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), where.host.c_str()) == 1;
  } else {
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ready = SSL_set1_host(session, where.host.c_str()) == 1 &&
            SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     const_cast<char*>(where.host.c_str())) == 1;
  }
  if (!ready) return asio::error::no_memory;
  offered_ = terms_->sessions.take();
  if (offered_) SSL_set_session(session, offered_.get());  // takes a reference of its own
  error_code failed;
  tls_->set_verify_mode(asio::ssl::verify_peer, failed);
  if (failed) return failed;
  tls_->set_verify_callback(
      [this](bool accepted, asio::ssl::verify_context& context) {
        return note_objection(accepted, context, objection_);
      },
      failed);
  return failed;
}

asio::awaitable<std::optional<no_reply>> https_link::shake_hands(instant until) {
  error_code failed = prepare_tls();
  if (!failed) {
    deadline_.arm(socket_, std::max(until - terms_->time.now(), nanoseconds::zero()));
    std::tie(failed) = co_await tls_->async_handshake(asio::ssl::stream_base::client, as_values);
  }
  // Belt and braces: a handshake that OpenSSL completed without its verification would be a bug.
  const bool verified = !failed && SSL_get_verify_result(tls_->native_handle()) == X509_V_OK;
  const bool late = failed && deadline_.disarm();
  tls_session offered = std::move(offered_);
  if (verified) {
    const bool resumed = SSL_session_reused(tls_->native_handle()) == 1;
    if (offered && resumed) terms_->sessions.give_back(std::move(offered));
    co_return std::nullopt;
  }
  abort();
  if (late) {
    co_return unsent(terms_->where.shown() + " did not complete the TLS handshake within " +
                     spelled(terms_->options.connect_timeout) + "; check what lies between");
  }
  std::optional<std::string> refused = refusal_of(failed, objection_, terms_->where);
  if (!failed) refused = terms_->where.shown() + " is refused: its certificate is not verified";
  if (refused) co_return no_reply{no_reply::cause::refused_tls, *refused, terms_->time.now()};
  co_return unsent(terms_->where.shown() + " broke off the TLS handshake: " + failed.message() +
                   "; try again, then ask who runs that server");
}

}  // namespace patchbay
