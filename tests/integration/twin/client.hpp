// A small blocking client for the tests of the twin's front. Verifies like any honest client.
#pragma once

#include <chrono>
#include <string>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/seed.hpp"
#include "patchbay/twin/server.hpp"

namespace patchbay::twin {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

struct answer {
  error_code failure;
  int status = 0;
  std::string body;
  bool keep_alive = false;
};

class client {
 public:
  /// `host` is the name that the certificate must prove.
  client(unsigned short port, const std::filesystem::path& ca_file, const std::string& host) {
    context_.load_verify_file(ca_file.string());
    stream_.set_verify_mode(asio::ssl::verify_peer);
    stream_.set_verify_callback(asio::ssl::host_name_verification(host));
    const asio::ip::tcp::endpoint there(asio::ip::make_address("127.0.0.1"), port);
    stream_.lowest_layer().connect(there, failure_);
    if (!failure_) stream_.handshake(asio::ssl::stream_base::client, failure_);
  }

  [[nodiscard]] error_code failure() const { return failure_; }
  [[nodiscard]] std::string tls_version() { return SSL_get_version(stream_.native_handle()); }

  answer send(const std::string& method, const std::string& target, const std::string& body = {},
              const std::string& token = {}) {
    http::request<http::string_body> what(http::string_to_verb(method), target, 11);
    what.set(http::field::host, "localhost");
    what.set(http::field::accept, "application/vnd.api+json");
    if (!body.empty()) what.set(http::field::content_type, "application/vnd.api+json");
    if (!token.empty()) what.set(http::field::authorization, "Bearer " + token);
    what.body() = body;
    what.prepare_payload();
    answer got;
    http::write(stream_, what, got.failure);
    if (got.failure) return got;
    http::response<http::string_body> reply;
    http::read(stream_, buffer_, reply, got.failure);
    if (got.failure) return got;
    got.status = static_cast<int>(reply.result_int());
    got.body = reply.body();
    got.keep_alive = reply.keep_alive();
    return got;
  }

  std::string token(const std::string& secret = "sandbox-secret") {
    const answer got = send("POST", "/oauth/token",
                            R"({"grant_type":"client_credentials","client_id":"sandbox-client",)"
                            R"("client_secret":")" +
                                secret + R"("})");
    const auto found = metadata_at(got.body, {"access_token"});
    return found ? plain_text(*found) : std::string();
  }

 private:
  asio::io_context loop_;
  asio::ssl::context context_{asio::ssl::context::tls_client};
  asio::ssl::stream<asio::ip::tcp::socket> stream_{loop_, context_};
  boost::beast::flat_buffer buffer_;
  error_code failure_;
};

/// A twin without limits, its own CA file, and customers 1 to 100.
inline std::unique_ptr<server> started(server_options front = {}, rules_options api = {}) {
  if (!api.limits) api.limits.emplace();
  auto made = server::start(std::move(front), std::move(api), generated_roster(100));
  return std::move(made).value();
}

inline std::string change_of(const std::string& id, const std::string& attributes) {
  return R"({"data":{"type":"customers","id":")" + id + R"(","attributes":)" + attributes + "}}";
}

}  // namespace patchbay::twin
