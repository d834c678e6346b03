#include "patchbay/model/marker.hpp"

#include <doctest/doctest.h>

using namespace patchbay;

namespace {
const std::string digest(64, 'a');
}

TEST_CASE("marker: an empty one, and free text, say nothing but that the drop is there") {
  for (const char* text : {"", "\n", "OK\n", "finished by job 4711", "\xEF\xBB\xBF"}) {
    CAPTURE(text);
    CHECK(parse_marker(text).value() == drop_marker());
  }
}

TEST_CASE("marker: rows, bytes, sha256, sequence and as-of time, with colons or equal signs") {
  const drop_marker said =
      parse_marker(
          "Rows: 10000\r\nbytes=123456\nSEQUENCE : 42\nas_of: 2026-11-23T02:15:00+01:00\n"
          "producer: SAP\nsha256: " +
          digest)
          .value();
  CHECK(said.rows == 10000);
  CHECK(said.bytes == 123456);
  CHECK(said.sequence == 42);
  CHECK(said.sha256 == digest);
  REQUIRE(said.as_of);
  using namespace std::chrono;
  CHECK(*said.as_of == sys_days(2026y / 11 / 23) + 1h + 15min);
}

TEST_CASE("marker: a line of sha256sum's is understood") {
  CHECK(parse_marker(std::string(64, 'B') + "  customers_1.csv\n").value().sha256 ==
        std::string(64, 'b'));
}

TEST_CASE("marker: what is said wrongly is refused with its line, never passed over") {
  const auto refused = [](const std::string& text) {
    const auto said = parse_marker(text);
    REQUIRE(said.has_error());
    CHECK(said.error().code == "MARKER_UNREADABLE");
    return said.error().message;
  };
  CHECK(refused("OK\nrows: many").find("line 2") != std::string::npos);
  CHECK(refused("rows: -1").find("digits") != std::string::npos);
  CHECK(refused("rows: 99999999999999999999").find("rows") != std::string::npos);
  CHECK(refused("rows: 1\nrows: 1").find("twice") != std::string::npos);
  CHECK(refused("row: 1").find("did you mean \"rows\"") != std::string::npos);
  CHECK(refused("sha256: abc").find("64 hex") != std::string::npos);
  CHECK(refused("as_of: yesterday").find("2026-11-23T02:15:00Z") != std::string::npos);
  CHECK(refused("\xFF\xFE").find("text") != std::string::npos);
}
