#include "scripted_server.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace patchbay::testing {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::size_t announced_length(const std::string& head) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

template <class Stream>
std::string request_from(Stream& stream, std::string& buffer) {
  error_code failed;
  const std::size_t head =
      asio::read_until(stream, asio::dynamic_buffer(buffer), "\r\n\r\n", failed);
  if (failed) return {};
  const std::size_t whole = head + announced_length(buffer.substr(0, head));
  if (buffer.size() < whole) {
    asio::read(stream, asio::dynamic_buffer(buffer), asio::transfer_exactly(whole - buffer.size()),
               failed);
  }
  std::string request = buffer.substr(0, whole);
  buffer.erase(0, whole);
  return request;
}

template <class Stream>
error_code read_to_end(Stream& stream) {
  error_code failed;
  char ignored[4096];
  while (!failed) stream.read_some(asio::buffer(ignored), failed);
  return failed;
}

}  // namespace

std::string visitor::read_request() {
  return tls_ != nullptr ? request_from(*tls_, buffer_) : request_from(plain_, buffer_);
}

void visitor::write(std::string_view text) {
  error_code ignored;
  if (tls_ != nullptr) {
    asio::write(*tls_, asio::buffer(text), ignored);
  } else {
    asio::write(plain_, asio::buffer(text), ignored);
  }
}

void visitor::write_reply(std::string_view body) {
  write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        std::string(body));
}

void visitor::say_goodbye() {
  // Not blocking: asio's shutdown would wait for the client's own goodbye.
  error_code ignored;
  plain_.non_blocking(true, ignored);
  tls_->shutdown(ignored);
  plain_.non_blocking(false, ignored);
}

void visitor::close() {
  error_code ignored;
  plain_.close(ignored);
}

void visitor::reset() {
  error_code ignored;
  plain_.set_option(socket::linger(true, 0), ignored);
  plain_.close(ignored);
}

ending visitor::wait_for_end() {
  const error_code how = tls_ != nullptr ? read_to_end(*tls_) : read_to_end(plain_);
  return how == asio::error::connection_reset ? ending::reset : ending::orderly;
}

bool visitor::resumed() const {
  return tls_ != nullptr && SSL_session_reused(tls_->native_handle()) == 1;
}

void visitor::relay_to(std::string_view port) {
  socket onward(plain_.get_executor());
  onward.connect({asio::ip::address_v4::loopback(),
                  static_cast<unsigned short>(std::stoi(std::string(port)))});
  const auto pump = [](socket& from, socket& to) {
    std::vector<char> held(16384);
    error_code failed;
    while (!failed) {
      const std::size_t got = from.read_some(asio::buffer(held), failed);
      if (!failed) asio::write(to, asio::buffer(held.data(), got), failed);
    }
    to.shutdown(socket::shutdown_both, failed);
  };
  std::thread back([&] { pump(onward, plain_); });
  pump(plain_, onward);
  back.join();
}

scripted_server::scripted_server(choices how, std::vector<script> scripts)
    : how_(std::move(how)), scripts_(std::move(scripts)) {
  if (how_.shown) {
    tls_.use_certificate_chain(asio::buffer(how_.shown->chain_pem));
    tls_.use_private_key(asio::buffer(how_.shown->key_pem), asio::ssl::context::pem);
  }
  SSL_CTX* const native = tls_.native_handle();
  if (how_.only_tls_1_2) SSL_CTX_set_max_proto_version(native, TLS1_2_VERSION);
  if (how_.only_tls_1_1) {
    SSL_CTX_set_min_proto_version(native, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(native, TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(native, "ALL:@SECLEVEL=0");
  }
  const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(),
                                    static_cast<unsigned short>(std::stoi(how_.port)));
  door_.open(any.protocol());
  door_.set_option(asio::ip::tcp::acceptor::reuse_address(true));
  door_.bind(any);
  door_.listen();
  port_ = door_.local_endpoint().port();
  thread_ = std::thread([this] { serve(); });
}

scripted_server::~scripted_server() {
  ::shutdown(door_.native_handle(), SHUT_RDWR);  // wakes a blocked accept, a close would not
  thread_.join();
}

void scripted_server::serve() {
  for (const script& what : scripts_) {
    error_code failed;
    visitor::socket plain(loop_);
    door_.accept(plain, failed);
    if (failed) return;
    plain.set_option(asio::ip::tcp::no_delay(true), failed);
    ++connections_;
    receive(std::move(plain), what);
  }
}

void scripted_server::receive(visitor::socket plain, const script& what) {
  if (!how_.shown) {
    visitor guest(plain, nullptr);
    what(guest);
    return;
  }
  asio::ssl::stream<visitor::socket&> secure(plain, tls_);
  error_code failed;
  secure.handshake(asio::ssl::stream_base::server, failed);
  if (failed) {
    ++failed_handshakes_;
    return;
  }
  visitor guest(plain, &secure);
  what(guest);
}

}  // namespace patchbay::testing
