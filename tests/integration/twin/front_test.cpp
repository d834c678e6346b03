#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "client.hpp"

using namespace patchbay;
using namespace patchbay::twin;

TEST_CASE("twin front: a client that verifies gets a token, reads and changes over TLS 1.3") {
  const auto twin = started();
  client line(twin->port(), twin->ca_file(), "localhost");
  REQUIRE_FALSE(line.failure());
  CHECK(line.tls_version() == "TLSv1.3");
  const std::string token = line.token();
  REQUIRE_FALSE(token.empty());
  CHECK(line.send("GET", "/api/customers/" + id_of(7), "", token).status == 200);
  const answer got = line.send("PATCH", "/api/customers/" + id_of(7),
                               change_of(id_of(7), R"({"profile_id":"p1"})"), token);
  CHECK(got.status == 200);
  CHECK(got.keep_alive);
  CHECK(twin->find("C-000007")->profile_id == string_value("p1"));
  CHECK(twin->log().size() == 3);
  CHECK(twin->log()[2].applied);
}

TEST_CASE("twin front: its certificate is for 127.0.0.1 too") {
  const auto twin = started();
  CHECK_FALSE(client(twin->port(), twin->ca_file(), "127.0.0.1").failure());
  CHECK(client(twin->port(), twin->ca_file(), "example.com").failure());
}

TEST_CASE("twin front: each bad certificate is refused by a client that verifies") {
  for (const auto kind :
       {certificate_kind::wrong_host, certificate_kind::self_signed, certificate_kind::expired}) {
    const auto twin = started({.certificate = kind});
    client line(twin->port(), twin->ca_file(), "localhost");
    CHECK(line.failure().message().find("certificate verify failed") != std::string::npos);
    CHECK(twin->log().empty());
  }
}

TEST_CASE("twin front: a reset is a reset, before the body and in the middle of it") {
  const auto twin = started();
  const std::string path = "/api/customers/" + id_of(7);
  std::string token = client(twin->port(), twin->ca_file(), "localhost").token();
  for (const char* kind : {"reset-before,times=1", "reset-after,times=1"}) {
    twin->add_fault(read_fault_rule(kind).value());
    client line(twin->port(), twin->ca_file(), "localhost");
    const answer got = line.send("PATCH", path, change_of(id_of(7), "{}"), token);
    CHECK(got.failure);
    CHECK(got.status == 0);
  }
  twin->add_fault(read_fault_rule("reset-mid-body,times=1").value());
  client line(twin->port(), twin->ca_file(), "localhost");
  const answer got = line.send("PATCH", path, change_of(id_of(7), "{}"), token);
  CHECK(got.failure);
  const std::vector<logged_request> log = twin->log();
  REQUIRE(log.size() == 4);
  CHECK_FALSE(log[1].applied);
  CHECK(log[2].applied);
  CHECK(log[3].applied);
}

TEST_CASE("twin front: many connections at once get each their own answers") {
  const auto twin = started({.latency_min = milliseconds(1), .latency_max = milliseconds(5)});
  const std::string token = client(twin->port(), twin->ca_file(), "localhost").token();
  std::vector<std::thread> clients;
  std::vector<int> right(8, 0);
  for (std::size_t each = 0; each < right.size(); ++each) {
    clients.emplace_back([&, each] {
      client line(twin->port(), twin->ca_file(), "localhost");
      for (std::size_t i = 0; i < 25; ++i) {
        const std::string id = id_of(1 + (each * 25 + i) % 100);
        const answer got = line.send("GET", "/api/customers/" + id, "", token);
        if (got.status == 200 && got.body.find('"' + id + '"') != std::string::npos) ++right[each];
      }
    });
  }
  for (std::thread& one : clients) one.join();
  for (const int count : right) CHECK(count == 25);
  const std::vector<logged_request> log = twin->log();
  CHECK(log.size() == 201);
  for (std::size_t i = 1; i < log.size(); ++i) CHECK(log[i].arrival >= log[i - 1].arrival);
}

TEST_CASE("twin front: the side door edits, shows and orders faults, and is in no log") {
  const auto twin = started();
  client line(twin->port(), twin->ca_file(), "localhost");
  CHECK(line.send("POST", "/twin/customers",
                  R"({"reference":"C-000007","profile_id":"by hand","customer_group":"GOLD"})")
            .status == 200);
  const answer shown = line.send("GET", "/twin/customers?reference=C-000007");
  CHECK(shown.body.find(R"("profile_id":"by hand")") != std::string::npos);
  CHECK(shown.body.find(R"("customer_group":"GOLD")") != std::string::npos);
  CHECK(line.send("POST", "/twin/faults", "explode").status == 400);
  CHECK(line.send("POST", "/twin/faults", "html-500,times=1\nempty-502,times=1").status == 200);
  CHECK(twin->log().empty());
  const std::string token = line.token();
  CHECK(line.send("GET", "/api/customers", "", token).status == 500);
  CHECK(line.send("GET", "/api/customers", "", token).status == 502);
  CHECK(line.send("GET", "/api/customers", "", token).status == 200);
  CHECK(line.send("DELETE", "/twin/tokens").status == 200);
  CHECK(line.send("GET", "/api/customers", "", token).status == 401);
}

TEST_CASE("twin front: what it writes as state can be read back as customers") {
  const auto twin = started();
  client line(twin->port(), twin->ca_file(), "localhost");
  CHECK(line.send("POST", "/twin/customers",
                  R"({"reference":"C-000007","tags":["vip","new"],"metadata":{"n":1.50}})")
            .status == 200);
  const std::string state = line.send("GET", "/twin/state").body;
  const std::filesystem::path file = twin->ca_file().string() + ".state";
  std::ofstream(file) << state;
  const result<roster> again = roster_from(file);
  std::filesystem::remove(file);
  REQUIRE(again.has_value());
  CHECK(again->size() == 100);
  const customer* seven = again->by_id(id_of(7));
  REQUIRE(seven != nullptr);
  CHECK(seven->metadata.json == R"({"n":1.50})");
  CHECK(seven->tag_ids.size() == 2);
}

TEST_CASE("twin front: it listens on loopback only, and tells why") {
  const auto made = server::start({.address = "0.0.0.0"}, {}, generated_roster(1));
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == "TWIN_LISTEN_FAILED");
}

TEST_CASE("twin front: it stops while a client waits in vain for an answer") {
  auto twin = started();
  const std::string token = client(twin->port(), twin->ca_file(), "localhost").token();
  twin->add_fault(read_fault_rule("never-answer").value());
  std::thread waiting([&, port = twin->port(), ca = twin->ca_file()] {
    client line(port, ca, "localhost");
    CHECK(line.send("GET", "/api/customers", "", token).failure);
  });
  while (twin->log().size() < 2) std::this_thread::yield();
  twin->stop();
  waiting.join();
  CHECK_FALSE(std::filesystem::exists(twin->ca_file()));
}
