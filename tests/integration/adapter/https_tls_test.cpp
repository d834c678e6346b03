// What is refused, and that the message says which; no byte of a request reaches a server that
// is refused.
#include <future>

#include <doctest/doctest.h>

#include "https_client.hpp"
#include "scripted_server.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;

namespace {

scripted_server::script reads_one(std::string* seen) {
  return [seen](visitor& guest) {
    const std::string request = guest.read_request();
    *seen += request;
    guest.write_reply("{}");
    guest.wait_for_end();
  };
}

/// The message with which a server showing `how` is refused; checks that it read nothing.
std::string refusal(scripted_server::choices how, const std::string& host = "localhost") {
  const temp_folder folder;
  std::string seen;
  std::string message;
  {
    scripted_server server(std::move(how), {reads_one(&seen)});
    https_options options = trusting(folder, server.port());
    options.url = "https://" + host + ":" + server.port();
    https_client client(options);
    const sent got = client.send(patch_of("{\"data\":{}}"));
    REQUIRE(got.has_error());
    CHECK(got.error().why == no_reply::cause::refused_tls);
    message = got.error().message;
    CHECK(message.starts_with(host + ":" + server.port()));
    CHECK(message.find("very-secret-token") == std::string::npos);
  }
  CHECK(seen.find("PATCH") == std::string::npos);
  return message;
}

bool says(const std::string& message, const std::string& words) {
  INFO(message);
  return message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "tls: a certificate of the extra authority for this host is accepted, by name and by "
    "address, in TLS 1.2 and 1.3") {
  for (const bool only_1_2 : {true, false}) {
    for (const char* host : {"localhost", "127.0.0.1"}) {
      CAPTURE(only_1_2);
      CAPTURE(host);
      const temp_folder folder;
      std::string seen;
      scripted_server server({.shown = issued_by(authority(), {}), .only_tls_1_2 = only_1_2},
                             {reads_one(&seen)});
      https_options options = trusting(folder, server.port());
      options.url = std::string("https://") + host + ":" + server.port();
      https_client client(options);
      const sent got = client.send(patch_of("{\"data\":{}}"));
      const std::string why = got ? "" : got.error().message;
      INFO(why);
      REQUIRE(got.has_value());
      CHECK(got->status == 200);
    }
  }
}

TEST_CASE("tls: a certificate for another host is refused as that, naming both") {
  const certificate other =
      issued_by(authority(), {.subject = "localhost", .names = {"DNS:api.example", "IP:10.0.0.1"}});
  const std::string message = refusal({.shown = other});
  CHECK(says(message, "wrong host name"));
  CHECK(says(message, "api.example, 10.0.0.1"));
  CHECK(says(message, "not for localhost"));
}

TEST_CASE("tls: a certificate without this address is refused") {
  const certificate other = issued_by(authority(), {.names = {"DNS:localhost"}});
  CHECK(says(refusal({.shown = other}, "127.0.0.1"), "wrong host name"));
}

TEST_CASE("tls: a self-signed certificate is refused as that") {
  const std::string message = refusal({.shown = self_signed({})});
  CHECK(says(message, "self-signed"));
  CHECK(says(message, "api.ca_file"));
}

TEST_CASE("tls: an expired certificate is refused as that, with its date") {
  const certificate old = issued_by(authority(), {.begins_s = -7200, .ends_s = -3600});
  const std::string message = refusal({.shown = old});
  CHECK(says(message, "has expired on "));
  CHECK(says(message, "GMT"));
}

TEST_CASE("tls: a certificate of tomorrow is refused as that") {
  const certificate early = issued_by(authority(), {.begins_s = 3600, .ends_s = 7200});
  CHECK(says(refusal({.shown = early}), "not yet valid"));
}

TEST_CASE("tls: a certificate of an unknown authority is refused as that, naming the authority") {
  const certificate stranger =
      self_signed({.subject = "some other authority", .names = {}, .authority = true});
  const std::string message = refusal({.shown = issued_by(stranger, {})});
  CHECK(says(message, "unknown issuer"));
  CHECK(says(message, "some other authority"));
}

TEST_CASE("tls: an authority that is not named in a file is not trusted") {
  std::string seen;
  scripted_server server({.shown = issued_by(authority(), {})}, {reads_one(&seen)});
  https_options options;
  options.url = "https://localhost:" + server.port();
  https_client client(options);
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::refused_tls);
}

TEST_CASE("tls: a server that speaks nothing newer than TLS 1.1 is refused") {
  CHECK(says(refusal({.shown = issued_by(authority(), {}), .only_tls_1_1 = true}), "too old"));
}

TEST_CASE("tls: a server that speaks plain http at the port is refused") {
  const temp_folder folder;
  scripted_server server({}, {[](visitor& guest) {
                           guest.write("HTTP/1.1 400 Bad Request\r\n\r\n");
                           guest.wait_for_end();
                         }});
  https_client client(trusting(folder, server.port()));
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::refused_tls);
  CHECK(says(got.error().message, "does not speak TLS"));
}

TEST_CASE("tls: a handshake that nobody answers ends at the connect time-out, unsent") {
  const temp_folder folder;
  scripted_server server({}, {[](visitor& guest) { guest.wait_for_end(); }});
  https_options options = trusting(folder, server.port());
  options.connect_timeout = milliseconds(150);
  https_client client(options);
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::unsent);
  CHECK(says(got.error().message, "150 ms"));
}

TEST_CASE("tls: a handshake that breaks off is unsent, not refused") {
  const temp_folder folder;
  scripted_server server({}, {[](visitor& guest) { guest.reset(); }});
  https_client client(trusting(folder, server.port()));
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::unsent);
}

TEST_CASE("tls: one session serves many requests, and a goodbye while idle opens a new one") {
  for (const bool only_1_2 : {true, false}) {
    CAPTURE(only_1_2);
    const temp_folder folder;
    std::promise<void> said;
    std::string seen;
    scripted_server server({.shown = issued_by(authority(), {}), .only_tls_1_2 = only_1_2},
                           {[&said](visitor& guest) {
                              for (int i = 0; i < 3; ++i) {
                                guest.read_request();
                                guest.write_reply("{}");
                              }
                              guest.say_goodbye();
                              said.set_value();
                              guest.wait_for_end();
                            },
                            reads_one(&seen)});
    https_client client(trusting(folder, server.port()));
    for (int i = 0; i < 3; ++i) REQUIRE(client.send(patch_of("{}")).has_value());
    CHECK(server.connections() == 1);
    said.get_future().wait();
    const sent fresh = client.send(patch_of("{}"));
    const std::string why = fresh ? "" : fresh.error().message;
    CHECK(why == "");
    CHECK(server.connections() == 2);
  }
}

TEST_CASE("tls: a reset in the middle of a reply and a time-out end the connection") {
  const temp_folder folder;
  std::promise<ending> ended;
  scripted_server server({.shown = issued_by(authority(), {})},
                         {[](visitor& guest) {
                            guest.read_request();
                            guest.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                            guest.reset();
                          },
                          [&ended](visitor& guest) {
                            guest.read_request();
                            ended.set_value(guest.wait_for_end());
                          }});
  https_client client(trusting(folder, server.port()));
  const sent broken = client.send(patch_of("{}"));
  REQUIRE(broken.has_error());
  CHECK(broken.error().why == no_reply::cause::reset);
  const sent late = client.send(patch_of("{}"), milliseconds(300));
  REQUIRE(late.has_error());
  CHECK(late.error().why == no_reply::cause::timed_out);
  CHECK(ended.get_future().get() == ending::reset);
}

TEST_CASE("tls: a reply up to the end without a goodbye may be cut and is not taken for whole") {
  const temp_folder folder;
  scripted_server server({.shown = issued_by(authority(), {})}, {[](visitor& guest) {
                           guest.read_request();
                           guest.write("HTTP/1.1 200 OK\r\n\r\n{\"data\":");
                           guest.close();
                         }});
  https_client client(trusting(folder, server.port()));
  const sent got = client.send(patch_of("{}"));
  REQUIRE(got.has_error());
  CHECK(got.error().why == no_reply::cause::reset);
}

TEST_CASE("tls: a large body in many records arrives whole") {
  const temp_folder folder;
  std::string seen;
  scripted_server server({.shown = issued_by(authority(), {})}, {[&seen](visitor& guest) {
                           seen = guest.read_request();
                           guest.write_reply(std::string(1'000'000, 'r'));
                           guest.wait_for_end();
                         }});
  https_client client(trusting(folder, server.port()));
  const std::string body(500'000, 'q');
  const sent got = client.send(patch_of(body));
  REQUIRE(got.has_value());
  CHECK(got->body == std::string(1'000'000, 'r'));
  CHECK(seen.ends_with(body));
}
