// Which URLs are accepted, and the one rule about plain http.
#include <doctest/doctest.h>

#include "patchbay/adapter/https/https_factory.hpp"
#include "patchbay/adapter/system/real_clock.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;

TEST_CASE("origin: scheme, host and port of a URL, the port given or the scheme's own") {
  const result<origin> plain = origin_of("https://Acme.CommerceLayer.io/api");
  REQUIRE(plain.has_value());
  CHECK(plain->tls);
  CHECK(plain->host == "acme.commercelayer.io");
  CHECK(plain->port == "443");
  CHECK(plain->authority() == "acme.commercelayer.io");
  const result<origin> with_port = origin_of("https://localhost:8443/api");
  REQUIRE(with_port.has_value());
  CHECK(with_port->authority() == "localhost:8443");
  const result<origin> address = origin_of("https://[::1]:8443/api");
  REQUIRE(address.has_value());
  CHECK(address->is_address);
  CHECK(address->host == "::1");
  CHECK(address->authority() == "[::1]:8443");
}

TEST_CASE("origin: plain http is for loopback only, and the refusal says why") {
  for (const std::string url :
       {"http://localhost/api", "http://LOCALHOST:80", "http://127.0.0.1:1/",
        "http://127.9.8.7/api", "http://[::1]:8080/api"}) {
    CAPTURE(url);
    CHECK(origin_of(url).has_value());
  }
  for (const std::string url :
       {"http://api.example/api", "http://10.0.0.1/", "http://localhost.evil/",
        "http://[2001:db8::1]/", "http://0.0.0.0/"}) {
    CAPTURE(url);
    const result<origin> refused = origin_of(url);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "HTTP_NOT_LOOPBACK");
    CHECK(refused.error().message.find("use https") != std::string::npos);
  }
}

TEST_CASE("origin: what is not a usable URL is refused, and a password in it is not repeated") {
  for (const std::string url :
       {"", "api.example", "ftp://api.example/", "https://", "https:///api", "https://a b/",
        "http://127.0.0.1.evil/", "https://127.0.0.1evil:80/", "https://h:99999/", "https://h:0/",
        "https://h:/x y"}) {
    CAPTURE(url);
    const result<origin> refused = origin_of(url);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "URL_INVALID");
  }
  const result<origin> refused = origin_of("https://me:hidden@api.example/");
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("hidden") == std::string::npos);
}

TEST_CASE("factory: a CA file that is missing or no certificate is refused at the door") {
  boost::asio::io_context loop;
  real_clock time(loop);
  const temp_folder folder;
  https_options options;
  options.url = "https://localhost";
  options.ca_file = folder.path() / "none.pem";
  const auto missing = https_factory::make(loop, time, options);
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == "CA_FILE_UNUSABLE");
  CHECK(missing.error().message.find("does not exist") != std::string::npos);
  options.ca_file = folder.write("not.pem", "no certificate");
  const auto garbage = https_factory::make(loop, time, options);
  REQUIRE(garbage.has_error());
  CHECK(garbage.error().code == "CA_FILE_UNUSABLE");
  CHECK(garbage.error().message.find("PEM") != std::string::npos);
}
