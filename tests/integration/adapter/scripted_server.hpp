// A server that does exactly what a test tells it to, wrong things included: a script a
// connection, run with blocking calls on a thread of its own. Its client must be gone before it.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include "certificates.hpp"

namespace patchbay::testing {

/// How a client ended its connection.
enum class ending { orderly, reset };

/// One accepted connection, after its handshake.
class visitor {
 public:
  using socket = boost::asio::ip::tcp::socket;
  visitor(socket& plain, boost::asio::ssl::stream<socket&>* tls) : plain_(plain), tls_(tls) {}

  /// The next request as it came, head and body; empty when the client has gone.
  std::string read_request();
  void write(std::string_view text);
  void write_reply(std::string_view body);  ///< 200 with a Content-Length
  void say_goodbye();                       ///< TLS close_notify, the connection stays open
  void close();
  void reset();
  ending wait_for_end();
  [[nodiscard]] bool resumed() const;    ///< its TLS session is an earlier one
  void relay_to(std::string_view port);  ///< both ways with loopback, until an end; as a tunnel

 private:
  socket& plain_;
  boost::asio::ssl::stream<socket&>* tls_;
  std::string buffer_;
};

class scripted_server {
 public:
  using script = std::function<void(visitor&)>;
  struct choices {
    std::optional<certificate> shown;  ///< nullopt: plain
    bool only_tls_1_1 = false;
    bool only_tls_1_2 = false;
    std::string port = "0";  ///< "0": any that is free
  };
  scripted_server(choices how, std::vector<script> scripts);
  ~scripted_server();

  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int failed_handshakes() const { return failed_handshakes_; }

 private:
  void serve();
  void receive(visitor::socket plain, const script& what);

  choices how_;
  std::vector<script> scripts_;
  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor door_{loop_};
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_server};
  unsigned short port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> failed_handshakes_{0};
  std::thread thread_;
};

}  // namespace patchbay::testing
