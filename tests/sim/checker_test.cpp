// The nights' checker objects: each rule is shown a night that breaks it, and one that does not.
#include "checker.hpp"

#include <doctest/doctest.h>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/seed.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::seconds;

twin::logged_request patch_at(instant arrival, int status = 200) {
  twin::logged_request one;
  one.kind = request_class::patch;
  one.arrival = arrival;
  one.status = status;
  one.counted = true;
  return one;
}

flight from_to(instant left, instant ended, int life = 1) {
  return {.id = "abc", .body = {}, .left = left, .ended = ended, .life = life};
}

erp_rows rows_of(const twin::roster& customers) {
  const twin::customer& one = *customers.all().front();
  const twin::group* const group = customers.group_by_id(one.group_id);
  erp_row row;
  row.email = plain_text(one.email);
  row.limit = metadata_at(one.metadata.json, {"credit_limit"})->json;
  row.group = group->code;
  return {{plain_text(one.reference), row}};
}

}  // namespace

TEST_CASE("checker: an overrun window and an earned 429 are objected to") {
  const window_limits limits{{2, seconds(10)}};
  CHECK(windows_overrun({patch_at(seconds(0)), patch_at(seconds(4)), patch_at(seconds(9))}, limits)
            .size() == 1);
  CHECK(windows_overrun({patch_at(seconds(0)), patch_at(seconds(4)), patch_at(seconds(10))}, limits)
            .empty());
  CHECK(windows_overrun({patch_at(seconds(0), 429)}, limits).size() == 1);
}

TEST_CASE("checker: a second flight of one id is objected to, within one life") {
  CHECK(
      doubled_flights({from_to(seconds(1), seconds(5)), from_to(seconds(4), seconds(6))}).size() ==
      1);
  CHECK(
      doubled_flights({from_to(seconds(1), seconds(4)), from_to(seconds(4), seconds(6))}).empty());
  CHECK(doubled_flights({from_to(seconds(1), instant::max()), from_to(seconds(4), seconds(6), 2)})
            .empty());
}

TEST_CASE("checker: a customer that is sent while it is settled is objected to") {
  const std::vector<settled_span> settled{{.id = "abc", .from = seconds(2), .until = seconds(9)}};
  CHECK(sent_again({from_to(seconds(5), seconds(6))}, settled).size() == 1);
  CHECK(sent_again({from_to(seconds(9), seconds(10))}, settled).empty());
}

TEST_CASE("checker: values that are not the ERP's last, and lost metadata, are objected to") {
  twin::roster customers = twin::generated_roster(1);
  const erp_rows wanted = rows_of(customers);
  CHECK(not_as_wanted(customers, wanted).empty());
  twin::customer changed = *customers.all().front();
  changed.email = string_value("other@x.it");
  changed.metadata = {R"({"credit_limit":1})"};
  CHECK(customers.replace(changed));
  CHECK(not_as_wanted(customers, wanted).size() == 3);
}

TEST_CASE("checker: an acknowledged value that the API does not hold is objected to") {
  const twin::roster customers = twin::generated_roster(1);
  const twin::customer& there = *customers.all().front();
  customer_levels one;
  one.id = there.id;
  one.acknowledged = {{"email", there.email}};
  CHECK(wrongly_acknowledged(customers, {one}).empty());
  one.acknowledged = {{"email", string_value("other@x.it")}};
  CHECK(wrongly_acknowledged(customers, {one}).size() == 1);
  one.wanted.emplace();
  CHECK(wrongly_acknowledged(customers, {one}).empty());
}

}  // namespace patchbay::sim
