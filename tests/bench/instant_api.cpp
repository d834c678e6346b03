// A TLS server on loopback that answers at once: what is measured is whoever sends. A PATCH gets
// its own document back, POST a token for ever, GET an empty list. instant_api AUTHORITY.pem
// writes the authority that clients are to trust, prints its port, serves until its end.
#include <array>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "patchbay/twin/front_certificate.hpp"

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// {"alg":"none"} and {"test":false}.
constexpr std::string_view token =
    R"({"access_token":"eyJhbGciOiJub25lIn0.eyJ0ZXN0IjpmYWxzZX0.x","token_type":"Bearer",)"
    R"("expires_in":7200})";
constexpr std::string_view nobody = R"({"data":[],"meta":{"record_count":0,"page_count":1}})";

std::size_t length_of_body(std::string_view head) {
  for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const std::size_t found = head.find(name);
    if (found != std::string_view::npos) return std::stoul(std::string(head.substr(found + 18, 9)));
  }
  return 0;
}

std::string answer_to(std::string_view head, std::string_view body) {
  const bool patch = head.starts_with("PATCH");
  const std::string_view said = patch ? body : head.starts_with("POST") ? token : nobody;
  std::string text =
      "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.api+json\r\nContent-Length: ";
  text.append(std::to_string(said.size())).append("\r\n\r\n").append(said);
  return text;
}

asio::awaitable<void> serve(tcp::socket socket, asio::ssl::context& tls) {
  asio::ssl::stream<tcp::socket> line(std::move(socket), tls);
  boost::system::error_code failed;
  co_await line.async_handshake(asio::ssl::stream_base::server,
                                asio::redirect_error(asio::use_awaitable, failed));
  std::array<char, 16384> space{};
  std::string read;
  while (!failed) {
    const std::size_t count = co_await line.async_read_some(
        asio::buffer(space), asio::redirect_error(asio::use_awaitable, failed));
    read.append(space.data(), count);
    std::string answers;
    for (;;) {
      const std::size_t end = read.find("\r\n\r\n");
      if (end == std::string::npos) break;
      const std::size_t body = length_of_body(std::string_view(read).substr(0, end + 2));
      if (read.size() < end + 4 + body) break;
      const std::string_view all = read;
      answers += answer_to(all.substr(0, end), all.substr(end + 4, body));
      read.erase(0, end + 4 + body);
    }
    if (!answers.empty())
      co_await asio::async_write(line, asio::buffer(answers),
                                 asio::redirect_error(asio::use_awaitable, failed));
  }
}

asio::awaitable<void> accept(tcp::acceptor& door, asio::ssl::context& tls) {
  for (;;) {
    tcp::socket socket = co_await door.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(door.get_executor(), serve(std::move(socket), tls), asio::detached);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 64;
  const auto made = patchbay::twin::make_certificates(patchbay::twin::certificate_kind::good);
  if (!made) return 70;
  std::ofstream(arguments[1]) << made->authority_pem;
  asio::ssl::context tls(asio::ssl::context::tls_server);
  tls.use_certificate_chain(asio::buffer(made->leaf_pem));
  tls.use_private_key(asio::buffer(made->key_pem), asio::ssl::context::pem);
  asio::io_context loop(1);
  tcp::acceptor door(loop, {asio::ip::address_v4::loopback(), 0});
  std::cout << door.local_endpoint().port() << std::endl;
  asio::co_spawn(loop, accept(door, tls), asio::detached);
  loop.run();
}
