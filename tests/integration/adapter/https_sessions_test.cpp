// How sessions come to be and end: the address that answers first, a TLS session resumed, an old
// connection left, a packed reply, a proxy crossed.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <zlib.h>

#include "address_race.hpp"
#include "gzip_body.hpp"
#include "https_client.hpp"
#include "scripted_server.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string packed(const std::string& text) {
  z_stream state{};
  deflateInit2(&state, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&state, text.size()) + 64, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&state, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - state.avail_out);
  deflateEnd(&state);
  return out;
}

std::string reply_packed_as(const std::string& how, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: " + how +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

scripted_server::script replies_with(std::string reply, std::string* seen = nullptr) {
  return [reply, seen](visitor& guest) {
    const std::string asked = guest.read_request();
    if (seen != nullptr) *seen += asked;
    guest.write(reply);
    guest.wait_for_end();
  };
}

/// A door whose queue is full: what knocks waits without an answer.
class deaf_door {
 public:
  deaf_door() {
    door_.open(tcp::v4());
    door_.bind({asio::ip::address_v4::loopback(), 0});
    door_.listen(0);
    for (tcp::socket* const one : {&first_, &second_}) {
      one->async_connect(where(), [](const boost::system::error_code&) {});
    }
  }
  [[nodiscard]] tcp::endpoint where() const { return door_.local_endpoint(); }

 private:
  asio::io_context loop_;
  tcp::acceptor door_{loop_};
  tcp::socket first_{loop_};
  tcp::socket second_{loop_};
};

class open_door {
 public:
  open_door() : door_(loop_, {asio::ip::address_v4::loopback(), 0}) {}
  [[nodiscard]] tcp::endpoint where() const { return door_.local_endpoint(); }
  void close() { door_.close(); }

 private:
  asio::io_context loop_;
  tcp::acceptor door_;
};

struct raced {
  boost::system::error_code failed;
  tcp::endpoint with;
};

raced race(const addresses& order, milliseconds head_start, milliseconds limit) {
  asio::io_context loop(1);
  tcp::socket won(loop);
  raced out;
  asio::co_spawn(
      loop, race_to(loop, order, head_start, limit, won),
      [&out](std::exception_ptr, boost::system::error_code failed) { out.failed = failed; });
  loop.run();
  if (!out.failed) out.with = won.remote_endpoint();
  return out;
}

std::string ask_twice(scripted_server::choices how, std::vector<bool>& resumed) {
  const temp_folder folder;
  how.shown = issued_by(authority(), {});
  const auto once = [&resumed](visitor& guest) {
    guest.read_request();
    resumed.push_back(guest.resumed());
    guest.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    guest.wait_for_end();
  };
  scripted_server server(how, {once, once, once});
  https_client client(trusting(folder, server.port()));
  std::string why;
  for (int i = 0; i < 3; ++i) {
    const sent got = client.send(patch_of("{}"));
    if (!got) why += got.error().message;
  }
  return why;
}

}  // namespace

TEST_CASE("race: addresses of both families take turns, the first one's family first") {
  const tcp::endpoint a4(asio::ip::make_address("192.0.2.1"), 443);
  const tcp::endpoint b4(asio::ip::make_address("192.0.2.2"), 443);
  const tcp::endpoint a6(asio::ip::make_address("2001:db8::1"), 443);
  const tcp::endpoint b6(asio::ip::make_address("2001:db8::2"), 443);
  CHECK(interleaved({a6, b6, a4, b4}) == addresses{a6, a4, b6, b4});
  CHECK(interleaved({a4, b4, a6}) == addresses{a4, a6, b4});
  CHECK(interleaved({a4, b4}) == addresses{a4, b4});
}

TEST_CASE("race: an address that does not answer is overtaken, one that refuses is passed") {
  const deaf_door deaf;
  const open_door open;
  open_door shut;
  const tcp::endpoint refusing = shut.where();
  shut.close();
  const raced overtaken =
      race({deaf.where(), open.where()}, milliseconds(20), milliseconds(20'000));
  CHECK(overtaken.failed.message() == "Success");
  CHECK(overtaken.with == open.where());
  const raced passed = race({refusing, open.where()}, milliseconds(19'000), milliseconds(20'000));
  CHECK(passed.failed.message() == "Success");
  CHECK(passed.with == open.where());
  CHECK(race({refusing, refusing}, milliseconds(19'000), milliseconds(20'000)).failed ==
        asio::error::connection_refused);
  CHECK(race({deaf.where(), refusing}, milliseconds(10), milliseconds(60)).failed ==
        asio::error::timed_out);
}

TEST_CASE("tls: a session is resumed by the next connection, in TLS 1.2 and 1.3") {
  for (const bool only_1_2 : {true, false}) {
    CAPTURE(only_1_2);
    std::vector<bool> resumed;
    CHECK(ask_twice({.shown = {}, .only_tls_1_2 = only_1_2}, resumed) == "");
    CHECK(resumed == std::vector<bool>{false, true, true});
  }
}

TEST_CASE("tls: a session of one server does not open another's door unseen") {
  const temp_folder folder;
  std::vector<bool> resumed;
  const auto once = [&resumed](visitor& guest) {
    guest.read_request();
    resumed.push_back(guest.resumed());
    guest.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    guest.wait_for_end();
  };
  std::string port;
  std::unique_ptr<https_client> client;
  {
    scripted_server trusted({.shown = issued_by(authority(), {})}, {once});
    port = trusted.port();
    client = std::make_unique<https_client>(trusting(folder, port));
    REQUIRE(client->send(patch_of("{}")).has_value());
  }
  scripted_server impostor({.shown = self_signed({}), .port = port}, {once});
  const sent got = client->send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::refused_tls);
  CHECK(resumed.size() == 1);
}

TEST_CASE("https: a connection older than its limit is made anew") {
  scripted_server server({}, {replies_with("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
                              replies_with("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")});
  https_options options = plain_to(server.port());
  options.age_limit = milliseconds(0);
  https_client client(options);
  for (int i = 0; i < 2; ++i) REQUIRE(client.send(patch_of("{}")).has_value());
  CHECK(server.connections() == 2);
}

TEST_CASE("https: a gzip reply arrives as what was packed") {
  const std::string body = R"({"data":[)" + std::string(200'000, '1') + "]}";
  std::string asked;
  scripted_server server({}, {replies_with(reply_packed_as("gzip", packed(body)), &asked)});
  https_client client(plain_to(server.port()));
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_value());
  CHECK(got->body == body);
  CHECK(asked.find("Accept-Encoding: gzip\r\n") != std::string::npos);
}

TEST_CASE("https: a packed reply that is cut, damaged, too large or not gzip is unreadable") {
  const std::string whole = packed(std::string(100'000, 'x'));
  std::string wrong_sum = whole;
  wrong_sum[wrong_sum.size() - 6] ^= 1;
  const std::vector<std::pair<std::string, std::string>> replies{
      {"gzip", whole.substr(0, whole.size() - 9)},
      {"gzip", wrong_sum},
      {"gzip", whole + "more"},
      {"gzip", "no gzip at all"},
      {"br", "packed otherwise"},
      {"gzip", packed(std::string(100'001, 'x'))}};
  for (const auto& [how, body] : replies) {
    CAPTURE(how);
    CAPTURE(body.size());
    scripted_server server({}, {replies_with(reply_packed_as(how, body))});
    https_options options = plain_to(server.port());
    options.body_bytes = 100'000;
    https_client client(options);
    const sent got = client.send(patch_of("{}"));
    REQUIRE(got.has_error());
    CHECK(got.error().why == no_reply::cause::unreadable);
  }
  std::string out;
  CHECK(!gunzip(whole, 100'000, out).has_value());
  CHECK(out == std::string(100'000, 'x'));
}

TEST_CASE("proxy: the request goes through a tunnel, with the origin's own TLS inside") {
  const temp_folder folder;
  std::string asked;
  scripted_server shop(
      {.shown = issued_by(authority(), {.subject = "shop", .names = {"DNS:api.shop.example"}})},
      {replies_with("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nshop")});
  scripted_server between({}, {[&](visitor& guest) {
                            asked = guest.read_request();
                            guest.write("HTTP/1.1 200 Connection established\r\n\r\n");
                            guest.relay_to(shop.port());
                          }});
  {
    https_options options = trusting(folder, shop.port());
    options.url = "https://api.shop.example:" + shop.port() + "/api";
    options.environment = [&](const std::string& name) {
      return name == "https_proxy" ? "http://us%40er:se%3Acret@127.0.0.1:" + between.port()
                                   : std::string();
    };
    https_client client(options);
    const sent got = client.send(patch_of("{}"));
    const std::string why = got ? "" : got.error().message;
    CHECK(why == "");
    REQUIRE(got.has_value());
    CHECK(got->body == "shop");
  }
  CHECK(asked.starts_with("CONNECT api.shop.example:" + shop.port() + " HTTP/1.1\r\n"));
  CHECK(asked.find("Proxy-Authorization: Basic dXNAZXI6c2U6Y3JldA==\r\n") != std::string::npos);
  CHECK(asked.find("very-secret-token") == std::string::npos);
}

TEST_CASE("proxy: one that refuses, is silent or is not there leaves the request unsent") {
  const auto failure = [](const std::string& port) {
    https_options options;
    options.url = "https://api.shop.example/api";
    options.connect_timeout = milliseconds(300);
    options.environment = [&port](const std::string& name) {
      return name == "HTTPS_PROXY" ? "http://u:hidden@127.0.0.1:" + port : std::string();
    };
    https_client client(options);
    const sent got = client.send(patch_of("{}"));
    REQUIRE(got.has_error());
    CHECK(got.error().why == no_reply::cause::unsent);
    CHECK(got.error().message.find("hidden") == std::string::npos);
    return got.error().message;
  };
  const auto refused_with = [&failure](const std::string& head) {
    scripted_server between({}, {replies_with(head)});
    return failure(between.port());
  };
  CHECK(refused_with("HTTP/1.1 407 No\r\n\r\n").find("wants other credentials") !=
        std::string::npos);
  CHECK(refused_with("HTTP/1.1 403 No\r\n\r\n").find("status 403") != std::string::npos);
  CHECK(refused_with("HTTP/1.1 200 OK\r\n\r\nHello").find("spoke inside") != std::string::npos);
  CHECK(refused_with("").find("did not answer within 300 ms") != std::string::npos);
  std::string nobody;
  {
    const scripted_server gone({}, {});
    nobody = gone.port();
  }
  CHECK(failure(nobody).find("on the way to api.shop.example:443 cannot be reached") !=
        std::string::npos);
}

TEST_CASE("proxy: the environment says which, and for whom none") {
  const auto through = [](const std::string& url, const std::string& proxies,
                          const std::string& except) {
    const result<origin> where = origin_of(url);
    REQUIRE(where.has_value());
    const auto found = proxy_for(*where, [&](const std::string& name) {
      if (name == "https_proxy") return proxies;
      return name == "no_proxy" ? except : std::string();
    });
    if (!found) return found.error().code;
    return *found ? (*found)->shown() : std::string("none");
  };
  const std::string shop = "https://api.shop.example/api";
  CHECK(through(shop, "http://p.example:3128", "") == "p.example:3128");
  CHECK(through(shop, "p.example:3128", "") == "p.example:3128");
  CHECK(through(shop, "http://[::1]", "") == "[::1]:80");
  CHECK(through(shop, "", "") == "none");
  CHECK(through("https://localhost:4000/", "p.example:3128", "") == "none");
  CHECK(through("http://127.0.0.1/", "p.example:3128", "") == "none");
  for (const char* except : {"*", "api.shop.example", ".shop.example", "other, shop.example",
                             "*.shop.example", "SHOP.example:443", "a,b,example"}) {
    CAPTURE(except);
    CHECK(through(shop, "p.example:3128", except) == "none");
  }
  for (const char* except : {"hop.example", "shop.example:8443", "", ",", "api.shop.example.com"}) {
    CAPTURE(except);
    CHECK(through(shop, "p.example:3128", except) == "p.example:3128");
  }
  for (const char* wrong : {"https://p.example", "socks5://p.example", "http://", "http://p:0"}) {
    CAPTURE(wrong);
    CHECK(through(shop, wrong, "") == "PROXY_INVALID");
  }
}
