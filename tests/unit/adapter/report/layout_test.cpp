#include <doctest/doctest.h>

#include "patchbay/adapter/report/text_layout.hpp"

using namespace patchbay;

TEST_CASE("layout: numbers are grouped, spans are in words") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'000) == "1,000");
  CHECK(grouped(-12'345'678) == "-12,345,678");
  CHECK(counted(1, "row", "rows") == "1 row");
  CHECK(counted(0, "row", "rows") == "0 rows");
  CHECK(span_text(0.4) == "0 s");
  CHECK(span_text(119) == "119 s");
  CHECK(span_text(180) == "3 min");
  CHECK(span_text(7'500) == "2 h 5 min");
  CHECK(span_text(270'000) == "3 d 3 h");
  CHECK(span_text(-1) == "?");
}

TEST_CASE("layout: text is cut and padded by characters, not bytes") {
  CHECK(width_of("größe") == 5);
  CHECK(clipped("größe", 5) == "größe");
  CHECK(clipped("größe", 4) == "grö…");
  CHECK(padded("ü", 3) == "ü  ");
  CHECK(right_padded("ü", 3) == "  ü");
}

TEST_CASE("layout: moments are written and read as UTC") {
  const wall_time when = parse_utc("2026-11-23T02:15:04Z");
  CHECK(utc_text(when) == "2026-11-23T02:15:04Z");
  CHECK(day_text(when) == "2026-11-23 02:15:04 UTC");
  CHECK(utc_text(when + std::chrono::milliseconds(999)) == "2026-11-23T02:15:04Z");
  CHECK(parse_utc("2026-02-30T00:00:00Z") == wall_time{});
  CHECK(parse_utc("yesterday") == wall_time{});
}

TEST_CASE("layout: lines break at blanks, and a word too long is cut") {
  CHECK(wrapped("aa bb cc", 1, 6) == " aa bb\n cc\n");
  CHECK(wrapped("abcdefghij", 2, 6) == "  abc…\n");
}
