#include "request_rules.hpp"

#include <doctest/doctest.h>

using namespace patchbay;

namespace {

int status_of(const web_request& asked, std::string_view door = "127.0.0.1") {
  const auto refused = refusal_of(asked, door);
  return refused ? refused->status : 200;
}

web_request get(std::string target, std::vector<std::string> hosts) {
  return {"GET", std::move(target), std::move(hosts), false};
}

}  // namespace

TEST_CASE("web: only names of this machine's own door are answered") {
  for (const char* ours :
       {"localhost", "localhost:9464", "LocalHost:1", "127.0.0.1", "127.0.0.1:9464", "[::1]",
        "[::1]:9464", "127.0.0.9:9464", "localhost:"}) {
    CAPTURE(ours);
    CHECK(names_us(ours, "127.0.0.9"));
  }
  for (const char* strange :
       {"evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.evil.example",
        "127.0.0.2", "", ":9464", "localhost:80:80", "localhost:x", "[::1", "[::1]x", "::1",
        "localhost:123456", "user@localhost", "localhost,evil.example"}) {
    CAPTURE(strange);
    CHECK_FALSE(names_us(strange, "127.0.0.9"));
  }
}

TEST_CASE("web: a name that was turned to this machine is misdirected, on every path") {
  CHECK(status_of(get("/status", {"evil.example"})) == 421);
  CHECK(status_of(get("/livez", {"evil.example:9464"})) == 421);
  CHECK(status_of(get("/status", {"localhost:9464"})) == 200);
  CHECK(status_of(get("/status", {})) == 400);
  CHECK(status_of(get("/status", {"localhost", "evil.example"})) == 400);
}

TEST_CASE("web: at a socket file the host may be anything, or missing") {
  CHECK(status_of(get("/status", {"whatever"}), "") == 200);
  CHECK(status_of(get("/status", {}), "") == 200);
  CHECK(status_of(get("/status", {"a", "b"}), "") == 400);
}

TEST_CASE("web: nothing can be written, and nothing is read from a body") {
  for (const char* method :
       {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get"}) {
    CAPTURE(method);
    CHECK(status_of({method, "/status", {"localhost"}, false}) == 405);
  }
  CHECK(status_of({"HEAD", "/status", {"localhost"}, false}) == 200);
  CHECK(status_of({"GET", "/status", {"localhost"}, true}) == 400);
}

TEST_CASE("web: a target is a path, whatever follows its question mark") {
  CHECK(status_of(get("http://localhost/status", {"localhost"})) == 400);
  CHECK(status_of(get("*", {"localhost"})) == 400);
  CHECK(path_of("/status?a=/metrics") == "/status");
  CHECK(path_of("/status") == "/status");
}
