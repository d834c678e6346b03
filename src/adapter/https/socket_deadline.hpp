// Ends whatever a socket waits for at one moment, by closing it: a cancel could fall between two
// steps of one operation and be lost. One timer a request, not one an operation. Owned by a link,
// loop thread. The timer's function may run after the link has gone, so it owns what it sees.
#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace patchbay {

class socket_deadline {
 public:
  explicit socket_deadline(boost::asio::io_context& loop) : timer_(loop) {}
  ~socket_deadline() { disarm(); }
  socket_deadline(const socket_deadline&) = delete;
  socket_deadline& operator=(const socket_deadline&) = delete;

  void arm(boost::asio::ip::tcp::socket& socket, std::chrono::nanoseconds after) {
    disarm();
    watched_ = std::make_shared<watched>(watched{&socket});
    timer_.expires_after(after);
    timer_.async_wait([one = watched_](const boost::system::error_code& failed) {
      if (failed || one->socket == nullptr) return;
      one->passed = true;
      boost::system::error_code ignored;
      one->socket->close(ignored);
    });
  }

  /// True: it has passed, and the socket was closed.
  bool disarm() {
    if (!watched_) return false;
    const bool passed = watched_->passed;
    watched_->socket = nullptr;
    watched_.reset();
    timer_.cancel();
    return passed;
  }

 private:
  struct watched {
    boost::asio::ip::tcp::socket* socket = nullptr;
    bool passed = false;
  };
  boost::asio::steady_timer timer_;
  std::shared_ptr<watched> watched_;
};

}  // namespace patchbay
