#include "patchbay/adapter/web/web_server.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <sys/socket.h>

#include "web_session.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;
using protocol = asio::generic::stream_protocol;
using boost::system::error_code;

/// After a refusal to accept (too many open files): not at once again.
constexpr std::chrono::seconds breathe{1};

int family_of(int descriptor) {
  int family = AF_INET;
  socklen_t size = sizeof family;
  ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

}  // namespace

struct web_server::state : std::enable_shared_from_this<web_server::state> {
  explicit state(asio::io_context& loop) : acceptor(loop), timer(loop) {}

  asio::basic_socket_acceptor<protocol> acceptor;
  asio::steady_timer timer;
  std::shared_ptr<web_terms> terms = std::make_shared<web_terms>();

  void accept_next() {
    acceptor.async_accept(
        [own = shared_from_this()](const error_code& failed, protocol::socket caller) {
          if (own->terms->closed) return;
          if (failed) return own->accept_later();
          begin_session(web_stream(std::move(caller)), own->terms);
          own->accept_next();
        });
  }

  void accept_later() {
    timer.expires_after(breathe);
    timer.async_wait([own = shared_from_this()](const error_code& failed) {
      if (!failed && !own->terms->closed) own->accept_next();
    });
  }
};

web_server::web_server(asio::io_context& loop, const web_listener& door, web_site site,
                       web_limits limits)
    : state_(std::make_shared<state>(loop)) {
  state_->terms->site = std::move(site);
  state_->terms->limits = limits;
  state_->terms->door = door.host();
  const int copy = ::fcntl(door.descriptor(), F_DUPFD_CLOEXEC, 0);
  state_->acceptor.assign(protocol(family_of(door.descriptor()), 0), copy);
  state_->accept_next();
}

web_server::~web_server() {
  close();
}

void web_server::publish(web_parts parts) {
  state_->terms->parts = std::move(parts);
  // A session that ends leaves the set: a copy is walked.
  const auto open = state_->terms->open;
  for (const auto& one : open) one->changed();
}

std::size_t web_server::streams() const {
  return state_->terms->streams;
}

void web_server::close() {
  web_terms& terms = *state_->terms;
  if (std::exchange(terms.closed, true)) return;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->timer.cancel();
  const auto open = std::exchange(terms.open, {});
  for (const auto& one : open) one->close();
  // The pages may refer to what goes away now.
  terms.site = {};
}

}  // namespace patchbay
