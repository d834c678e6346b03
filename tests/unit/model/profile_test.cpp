#include "patchbay/model/profile.hpp"

#include <doctest/doctest.h>

using namespace patchbay;

TEST_CASE("profile: text that was read in another encoding is told from plain accents") {
  CHECK(looks_misread("Mu\xEF\xBF\xBDller"));
  CHECK(looks_misread("M\xC3\x83\xC2\xBCller"));       // ü, UTF-8 read as windows-1252
  CHECK(looks_misread("\xC3\x83\xE2\x80\x9Etzmann"));  // Ä
  CHECK(looks_misread("10 \xC3\x82\xC2\xB0"));         // °
  CHECK_FALSE(looks_misread("M\xC3\xBCller S\xC3\x83O \xC3\x82NGELO"));
}
