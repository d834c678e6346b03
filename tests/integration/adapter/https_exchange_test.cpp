// What one exchange does when the server behaves, and when it does not. Plain http on loopback:
// the same code as over TLS, whose own tests are in https_tls_test.cpp.
#include <future>

#include <doctest/doctest.h>

#include "https_client.hpp"
#include "scripted_server.hpp"

using namespace patchbay;
using namespace patchbay::testing;

namespace {

void answers_ok(visitor& guest) {
  guest.read_request();
  guest.write_reply("{}");
  guest.wait_for_end();
}

/// Answers the first request with `text`, then waits for the client to go.
scripted_server::script answers(std::string text, std::promise<ending>* ended = nullptr) {
  return [text = std::move(text), ended](visitor& guest) {
    guest.read_request();
    guest.write(text);
    const ending how = guest.wait_for_end();
    if (ended != nullptr) ended->set_value(how);
  };
}

}  // namespace

TEST_CASE("https: head and body arrive as HTTP/1.1 with the token, and the reply comes back") {
  std::string seen;
  scripted_server server({}, {[&seen](visitor& guest) {
                           seen = guest.read_request();
                           guest.write(
                               "HTTP/1.1 422 Unprocessable Entity\r\nX-Request-Id: r-1\r\n"
                               "Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 4\r\n\r\nbody");
                           guest.wait_for_end();
                         }});
  const std::string expected =
      "PATCH /api/customers/xYZkjABcde HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() +
      "\r\nUser-Agent: patchbay/" PATCHBAY_VERSION
      "\r\nAccept: application/vnd.api+json\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer "
      "very-secret-token\r\n"
      "Content-Type: application/vnd.api+json\r\nContent-Length: 11\r\n\r\n{\"data\":{}}";
  {
    https_client client(plain_to(server.port()));
    const instant before = client.time().now();
    const sent got = client.send(patch_of("{\"data\":{}}"));
    REQUIRE(got.has_value());
    CHECK(got->status == 422);
    CHECK(got->header("x-request-id") == "r-1");
    CHECK(got->header("set-cookie") == "a, b");
    CHECK(got->body == "body");
    CHECK(got->received >= before);
    CHECK(got->received <= client.time().now());
    CHECK(seen == expected);
  }
}

TEST_CASE("https: a request without content type has neither body nor length") {
  std::string seen;
  scripted_server server({}, {[&seen](visitor& guest) {
                           seen = guest.read_request();
                           guest.write_reply("{}");
                         }});
  https_client client(plain_to(server.port()));
  request what = patch_of("");
  what.method = "GET";
  what.content_type.clear();
  REQUIRE(client.send(what).has_value());
  CHECK(seen.find("Content-") == std::string::npos);
  CHECK(seen.ends_with("\r\n\r\n"));
}

TEST_CASE("https: one connection is kept for all requests") {
  scripted_server server({}, {[](visitor& guest) {
                           while (!guest.read_request().empty()) guest.write_reply("{}");
                         }});
  https_client client(plain_to(server.port()));
  for (int i = 0; i < 5; ++i) REQUIRE(client.send(patch_of("{}")).has_value());
  CHECK(server.connections() == 1);
}

TEST_CASE("https: a connection that the server closed while idle is replaced without a failure") {
  std::promise<void> closed;
  scripted_server server({}, {[&closed](visitor& guest) {
                                guest.read_request();
                                guest.write_reply("{}");
                                guest.close();
                                closed.set_value();
                              },
                              answers_ok});
  https_client client(plain_to(server.port()));
  REQUIRE(client.send(patch_of("{}")).has_value());
  closed.get_future().wait();
  CHECK(client.send(patch_of("{}")).has_value());
  CHECK(server.connections() == 2);
}

TEST_CASE("https: a connection on which the server spoke unasked is not used again") {
  std::promise<void> spoken;
  scripted_server server({}, {[&spoken](visitor& guest) {
                                guest.read_request();
                                guest.write_reply("{}");
                                guest.write("HTTP/1.1 408 Request Timeout\r\n\r\n");
                                spoken.set_value();
                                guest.wait_for_end();
                              },
                              answers_ok});
  https_client client(plain_to(server.port()));
  REQUIRE(client.send(patch_of("{}")).has_value());
  spoken.get_future().wait();
  const sent second = client.send(patch_of("{}"));
  REQUIRE(second.has_value());
  CHECK(second->status == 200);
  CHECK(server.connections() == 2);
}

TEST_CASE("https: a connection idle for longer than its limit is not used again") {
  scripted_server server({}, {answers_ok, answers_ok});
  https_options options = plain_to(server.port());
  options.idle_limit = milliseconds(-1);
  https_client client(options);
  REQUIRE(client.send(patch_of("{}")).has_value());
  REQUIRE(client.send(patch_of("{}")).has_value());
  CHECK(server.connections() == 2);
}

TEST_CASE("https: Connection: close is obeyed, in good order") {
  std::promise<ending> ended;
  scripted_server server(
      {}, {answers("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", &ended),
           answers_ok});
  https_client client(plain_to(server.port()));
  REQUIRE(client.send(patch_of("{}")).has_value());
  CHECK(ended.get_future().get() == ending::orderly);
  REQUIRE(client.send(patch_of("{}")).has_value());
  CHECK(server.connections() == 2);
}

TEST_CASE("https: a reset before the reply says that the request may have been applied") {
  scripted_server server({}, {[](visitor& guest) {
                           guest.read_request();
                           guest.reset();
                         }});
  https_client client(plain_to(server.port()));
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::reset);
  CHECK(got.error().message.find("before the reply") != std::string::npos);
  CHECK(got.error().message.find("may have been applied") != std::string::npos);
}

TEST_CASE("https: a reset on a used connection after the request was read is no mere stale one") {
  scripted_server server({}, {[](visitor& guest) {
                           guest.read_request();
                           guest.write_reply("{}");
                           guest.read_request();
                           guest.reset();
                         }});
  https_client client(plain_to(server.port()));
  REQUIRE(client.send(patch_of("{}")).has_value());
  const sent second = client.send(patch_of("{}"));
  REQUIRE(second.has_error());
  CHECK(second.error().why == no_reply::cause::reset);
  CHECK(server.connections() == 1);
}

TEST_CASE("https: a reply that breaks off in the middle is a reset") {
  for (const bool orderly : {true, false}) {
    CAPTURE(orderly);
    scripted_server server({}, {[orderly](visitor& guest) {
                             guest.read_request();
                             guest.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                             if (orderly) guest.close();
                             if (!orderly) guest.reset();
                           }});
    https_client client(plain_to(server.port()));
    const sent got = client.send(patch_of("{}"));
    REQUIRE(got.has_error());
    CHECK(got.error().why == no_reply::cause::reset);
  }
}

TEST_CASE("https: no reply in time ends the connection with an RST before the caller goes on") {
  std::promise<ending> ended;
  scripted_server server({}, {answers("", &ended), answers_ok});
  https_client client(plain_to(server.port()));
  const sent got = client.send(patch_of("{}"), milliseconds(150));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::timed_out);
  CHECK(got.error().message.find("150 ms") != std::string::npos);
  CHECK(ended.get_future().get() == ending::reset);
  CHECK(client.send(patch_of("{}")).has_value());
}

TEST_CASE("https: a reply that drips on past the time-out is timed out") {
  scripted_server server({}, {answers("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")});
  https_client client(plain_to(server.port()));
  const sent got = client.send(patch_of("{}"), milliseconds(150));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::timed_out);
}

TEST_CASE("https: a reply beyond the limits is unreadable and its connection reset") {
  const std::string huge(20'000, 'x');
  const std::string head = "HTTP/1.1 200 OK\r\nX-Huge: " + huge + "\r\nContent-Length: 0\r\n\r\n";
  const std::string body = "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + huge;
  const std::string chunks =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" + huge + "\r\n0\r\n\r\n";
  for (const std::string& text : {head, body, chunks}) {
    std::promise<ending> ended;
    scripted_server server({}, {answers(text, &ended)});
    https_options options = plain_to(server.port());
    options.body_bytes = 10'000;
    https_client client(options);
    const sent got = client.send(patch_of("{}"));
    REQUIRE(got.has_error());
    CHECK(got.error().why == no_reply::cause::unreadable);
    CHECK(got.error().message.find("is larger than") != std::string::npos);
    CHECK(ended.get_future().get() == ending::reset);
  }
}

TEST_CASE("https: a reply that is not HTTP is unreadable") {
  for (const char* text : {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
                           "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
    CAPTURE(text);
    scripted_server server({}, {answers(text)});
    https_client client(plain_to(server.port()));
    const sent got = client.send(patch_of("{}"));
    REQUIRE(got.has_error());
    CHECK(got.error().why == no_reply::cause::unreadable);
  }
}

TEST_CASE("https: interim replies are passed over, but not without end") {
  scripted_server server(
      {}, {[](visitor& guest) {
        guest.read_request();
        guest.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
        guest.write_reply("ok");
        guest.read_request();
        for (int i = 0; i < 20; ++i) guest.write("HTTP/1.1 102 Processing\r\n\r\n");
        guest.wait_for_end();
      }});
  https_client client(plain_to(server.port()));
  const sent first = client.send(patch_of("{}"));
  REQUIRE(first.has_value());
  CHECK(first->status == 200);
  CHECK(first->body == "ok");
  const sent second = client.send(patch_of("{}"));
  REQUIRE(second.has_error());
  CHECK(second.error().why == no_reply::cause::unreadable);
}

TEST_CASE("https: chunked replies, empty replies and replies up to the end are whole") {
  scripted_server server(
      {}, {[](visitor& guest) {
        guest.read_request();
        guest.write(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
        guest.read_request();
        guest.write("HTTP/1.1 204 No Content\r\n\r\n");
        guest.read_request();
        guest.write("HTTP/1.1 200 OK\r\n\r\nto the end");
        guest.close();
      }});
  https_client client(plain_to(server.port()));
  const sent chunked = client.send(patch_of("{}"));
  REQUIRE(chunked.has_value());
  CHECK(chunked->body == "abc");
  const sent empty = client.send(patch_of("{}"));
  REQUIRE(empty.has_value());
  CHECK(empty->status == 204);
  const sent ended = client.send(patch_of("{}"));
  REQUIRE(ended.has_value());
  CHECK(ended->body == "to the end");
  CHECK(server.connections() == 1);
}

TEST_CASE("https: a redirect is handed back and never followed") {
  scripted_server other({}, {answers_ok});
  scripted_server server({}, {answers("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127."
                                      "0.0.1:" +
                                      other.port() + "/\r\nContent-Length: 0\r\n\r\n")});
  https_client client(plain_to(server.port()));
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_value());
  CHECK(got->status == 307);
  CHECK(server.connections() == 1);
  CHECK(other.connections() == 0);
}

TEST_CASE("https: where nobody listens nothing is sent, and the message names host and port") {
  std::string port;
  {
    const scripted_server gone({}, {});
    port = gone.port();
  }
  https_client client(plain_to(port));
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::unsent);
  CHECK(got.error().message.find("127.0.0.1:" + port) != std::string::npos);
}

TEST_CASE("https: a name without an address is unsent") {
  https_options options;
  options.url = "https://a..b/api";
  https_client client(options);
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::unsent);
  CHECK(got.error().message.find("a..b") != std::string::npos);
}

TEST_CASE("https: a head value that would become a second header is a bug, told without it") {
  https_client client(plain_to("9"));
  request what = patch_of("{}");
  what.authorization = "Bearer secret\r\nX-Evil: 1";
  std::string said;
  try {
    (void)client.send(what);
  } catch (const std::logic_error& bug) {
    said = bug.what();
  }
  CHECK(said.find("Authorization") != std::string::npos);
  CHECK(said.find("secret") == std::string::npos);
}
