#include "patchbay/twin/front_session.hpp"

#include <ctime>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "patchbay/twin/admin.hpp"
#include "patchbay/twin/front_clock.hpp"

namespace patchbay::twin {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using tcp_stream = tcp::socket;
using tls_stream = asio::ssl::stream<tcp::socket>;

constexpr std::size_t most_body_bytes = std::size_t{256} << 20U;  // state posted back whole
constexpr std::uint32_t most_header_bytes = 64U << 10U;

std::string field(const http::request<http::string_body>& from, http::field name) {
  return std::string(from[name]);
}

request request_of(http::request<http::string_body>& from) {
  request read;
  read.method = std::string(from.method_string());
  read.target = std::string(from.target());
  read.accept = field(from, http::field::accept);
  read.content_type = field(from, http::field::content_type);
  read.authorization = field(from, http::field::authorization);
  read.body = std::move(from.body());
  read.kind = read.method == "GET" ? request_class::get : request_class::patch;
  return read;
}

/// Head and body as one text: written at once, it costs one system call and one TLS record.
/// As a Date header says it.
std::string http_date(wall_time when) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(when));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[sizeof "Mon, 23 Nov 2026 02:15:00 GMT"];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

std::string wire_text(const reply& answer, bool keep_alive) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
  text.append(reason.data(), reason.size());
  text += "\r\nserver: patchbay-twin\r\ndate: " + http_date(wall_now());
  text += "\r\ncontent-length: " + std::to_string(answer.body.size());
  for (const auto& [name, content] : answer.headers) text += "\r\n" + name + ": " + content;
  text += keep_alive ? "\r\n\r\n" : "\r\nconnection: close\r\n\r\n";
  return text += answer.body;
}

asio::awaitable<void> pause(nanoseconds how_long) {
  if (how_long <= nanoseconds(0)) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, how_long);
  co_await timer.async_wait(as_values);
}

template <class Stream>
void reset(Stream& stream) {
  boost::system::error_code ignored;
  stream.lowest_layer().set_option(asio::socket_base::linger(true, 0), ignored);
  stream.lowest_layer().close(ignored);
}

/// Says nothing, listens to nothing, until the peer gives up.
template <class Stream>
asio::awaitable<void> stay_silent(Stream& stream) {
  std::array<char, 1024> unheard{};
  for (;;) {
    const auto [failure, size] = co_await stream.async_read_some(asio::buffer(unheard), as_values);
    if (failure) co_return;
  }
}

/// True: the connection can take the next request.
template <class Stream>
asio::awaitable<bool> deliver(Stream& stream, const served& got, bool keep_alive) {
  std::string text = wire_text(got.answer, keep_alive);
  switch (got.act) {
    case served::action::reset:
      reset(stream);
      co_return false;
    case served::action::silence:
      co_await stay_silent(stream);
      co_return false;
    case served::action::reset_mid_body:
      text.resize(text.size() - (got.answer.body.size() + 1) / 2);
      co_await asio::async_write(stream, asio::buffer(text), as_values);
      // So that what was written is seen before the reset overtakes it.
      co_await pause(milliseconds(20));
      reset(stream);
      co_return false;
    case served::action::answer: {
      const auto [failure, size] =
          co_await asio::async_write(stream, asio::buffer(text), as_values);
      co_return !failure && keep_alive;
    }
  }
  co_return false;
}

template <class Stream>
asio::awaitable<void> converse(Stream& stream, front_core& core) {
  boost::beast::flat_buffer buffer;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(most_body_bytes);
    parser.header_limit(most_header_bytes);
    const auto [failure, size] = co_await http::async_read(stream, buffer, parser, as_values);
    if (failure) co_return;
    const bool keep_alive = parser.get().keep_alive();
    const request what = request_of(parser.get());
    const front_core::travel way = is_admin(what) ? front_core::travel{} : core.next_travel();
    co_await pause(way.there);
    const served got = core.serve(what);
    co_await pause(way.back + got.delay);
    const bool more = co_await deliver(stream, got, keep_alive);
    if (!more) co_return;
  }
}

}  // namespace

served front_core::serve(const request& what) {
  const std::lock_guard guard(lock);
  const instant now = boot_now();
  const wall_time wall = wall_now();
  if (is_admin(what)) {
    machine.advance(now, wall);
    return {.answer = admin_answer(machine, what, wall)};
  }
  served got = machine.answer(what, now, wall);
  if (log.is_open() && !machine.log().empty()) log << log_line(machine.log().back()) << std::endl;
  return got;
}

front_core::travel front_core::next_travel() {
  if (latency_max <= nanoseconds(0)) return {};
  const std::lock_guard guard(lock);
  const double span = static_cast<double>((latency_max - latency_min).count());
  const double whole = static_cast<double>(latency_min.count()) + span * chance.share();
  const double there = whole * chance.share();
  return {nanoseconds(static_cast<nanoseconds::rep>(there)),
          nanoseconds(static_cast<nanoseconds::rep>(whole - there))};
}

asio::awaitable<void> tls_session(tcp::socket socket, asio::ssl::context& context,
                                  front_core& core) {
  tls_stream stream(std::move(socket), context);
  const auto [refused] = co_await stream.async_handshake(tls_stream::server, as_values);
  if (refused) co_return;
  co_await converse(stream, core);
  if (!stream.lowest_layer().is_open()) co_return;
  co_await stream.async_shutdown(as_values);
}

asio::awaitable<void> plain_session(tcp::socket socket, front_core& core) {
  co_await converse(socket, core);
}

}  // namespace patchbay::twin
