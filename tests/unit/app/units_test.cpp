#include <doctest/doctest.h>

#include "patchbay/app/config_units.hpp"

using namespace patchbay;
using namespace std::chrono_literals;

TEST_CASE("units: durations are a whole number and a unit") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("15s") == 15s);
  CHECK(parse_duration("10m") == 10min);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("90d") == 24h * 90);
  CHECK(parse_duration("0s") == 0s);
  for (const std::string wrong : {"15", "s", "", "1.5s", "-1s", "15 s", "15S", "1h30m", "1w",
                                  "99999999999999999999s", "36526d"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong));
  }
}

TEST_CASE("units: sizes count in steps of 1,024 and never overflow") {
  CHECK(parse_size("64MB") == 64LL << 20);
  CHECK(parse_size("1KB") == 1024);
  CHECK(parse_size("17B") == 17);
  CHECK(parse_size("64GB") == 64LL << 30);
  for (const std::string wrong : {"64", "MB", "64mb", "1.5MB", "-1MB", "8388608TB", "64 MB"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_size(wrong));
  }
}

TEST_CASE("units: shares lie between 0% and 100%") {
  CHECK(parse_share("20%") == doctest::Approx(0.2));
  CHECK(parse_share("0.5%") == doctest::Approx(0.005));
  CHECK(parse_share("100%") == doctest::Approx(1));
  CHECK(parse_share("0%") == doctest::Approx(0));
  for (const std::string wrong :
       {"20", "%", "100.1%", "101%", "-1%", ".5%", "5.%", "1e1%", "20 %"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_share(wrong));
  }
}

TEST_CASE("units: a span is written in the largest unit that divides it") {
  CHECK(duration_text(60s) == "1m");
  CHECK(duration_text(1500ms) == "1500ms");
  CHECK(duration_text(0ms) == "0ms");
  CHECK(size_text(64LL << 20) == "64MB");
  CHECK(size_text(1000) == "1000B");
}
