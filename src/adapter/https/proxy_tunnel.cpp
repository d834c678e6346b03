#include "proxy_tunnel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>

#include "as_values.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
constexpr std::size_t most_head_bytes = 16U << 10U;

std::string connect_text(const proxy& through, const origin& to) {
  std::string out = "CONNECT " + to.shown() + " HTTP/1.1\r\nHost: " + to.shown() + "\r\n";
  if (!through.authorization.empty()) {
    out += "Proxy-Authorization: " + through.authorization + "\r\n";
  }
  return out + "\r\n";
}

std::string refused(unsigned status, const proxy& through, const origin& to) {
  const std::string who = "the proxy " + through.shown();
  constexpr unsigned wants_credentials = 407;
  if (status == wants_credentials) {
    return who + " wants other credentials (407): put user and password into https_proxy";
  }
  return who + " gave no way to " + to.shown() + " (status " + std::to_string(status) +
         "): ask who runs it to allow that host, or name the host in no_proxy";
}

}  // namespace

asio::awaitable<std::optional<std::string>> open_tunnel(asio::ip::tcp::socket& line,
                                                        const proxy& through, const origin& to) {
  const std::string asked = connect_text(through, to);
  const auto [unwritten, written] =
      co_await asio::async_write(line, asio::buffer(asked), as_values);
  if (unwritten) {
    co_return "the proxy " + through.shown() + " broke off: " + unwritten.message();
  }
  boost::beast::flat_static_buffer<most_head_bytes> received;
  http::response_parser<http::empty_body> parser;
  parser.skip(true);  // what follows a tunnel's 200 is the tunnel
  const auto [unread, bytes] = co_await http::async_read_header(line, received, parser, as_values);
  if (unread) {
    co_return "the proxy " + through.shown() + " gave no answer to CONNECT: " + unread.message();
  }
  const unsigned status = parser.get().result_int();
  constexpr unsigned first_success = 200;
  constexpr unsigned first_redirect = 300;
  if (status < first_success || status >= first_redirect) co_return refused(status, through, to);
  if (received.size() > 0) {
    co_return "the proxy " + through.shown() + " spoke inside the tunnel; it cannot be used";
  }
  co_return std::nullopt;
}

}  // namespace patchbay
