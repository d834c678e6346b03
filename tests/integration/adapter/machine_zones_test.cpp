// Local time and the two odd nights of a year, from the machine's own tzdata.
#include "patchbay/adapter/system/machine_zones.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace patchbay;
using namespace std::chrono;

namespace {

wall_time utc(year_month_day day, hours h, minutes m = minutes(0)) {
  return sys_days(day) + h + m;
}
patchbay::local_time local(year_month_day day, hours h, minutes m = minutes(0)) {
  return local_days(day) + h + m;
}

}  // namespace

TEST_CASE("zones: Rome is one hour ahead in winter and two in summer") {
  const auto rome = machine_zones().find("Europe/Rome");
  REQUIRE(rome != nullptr);
  CHECK(rome->name() == "Europe/Rome");
  CHECK((rome->reading_at(utc(2026y / 1 / 15, 12h)) == local(2026y / 1 / 15, 13h)));
  CHECK((rome->reading_at(utc(2026y / 7 / 15, 12h)) == local(2026y / 7 / 15, 14h)));
  CHECK((rome->moment_of(local(2026y / 1 / 15, 2h, 15min)) == utc(2026y / 1 / 15, 1h, 15min)));
}

TEST_CASE("zones: a time that the clocks skip is the moment of the change") {
  const auto rome = machine_zones().find("Europe/Rome");
  REQUIRE(rome != nullptr);
  CHECK((rome->moment_of(local(2026y / 3 / 29, 2h, 30min)) == utc(2026y / 3 / 29, 1h)));
}

TEST_CASE("zones: a time that the clocks show twice is the first") {
  const auto rome = machine_zones().find("Europe/Rome");
  REQUIRE(rome != nullptr);
  CHECK((rome->moment_of(local(2026y / 10 / 25, 2h, 30min)) == utc(2026y / 10 / 25, 0h, 30min)));
}

TEST_CASE("zones: unknown names are not found, UTC always is, and names are for suggestions") {
  const machine_zones zones;
  for (const char* name : {"Europe/Roma", "", "../etc/passwd", "Mars/Olympus"}) {
    CAPTURE(name);
    CHECK(zones.find(name) == nullptr);
  }
  const auto plain = zones.find("UTC");
  REQUIRE(plain != nullptr);
  CHECK((plain->reading_at(utc(2026y / 7 / 15, 12h)) == local(2026y / 7 / 15, 12h)));
  CHECK((plain->moment_of(local(2026y / 7 / 15, 12h)) == utc(2026y / 7 / 15, 12h)));
  const auto names = zones.names();
  CHECK(std::count(names.begin(), names.end(), "Europe/Rome") == 1);
  CHECK(std::count(names.begin(), names.end(), "UTC") == 1);
}
