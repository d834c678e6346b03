#include "patchbay/twin/seed.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/admin.hpp"

using namespace patchbay;
using namespace patchbay::twin;

namespace {

const wall_time later{std::chrono::seconds(1'800'000'000)};

reply door(rules& of, const std::string& method, const std::string& path,
           const std::string& body = {}) {
  return admin_answer(of,
                      {.kind = request_class::get,
                       .method = method,
                       .target = "/twin/" + path,
                       .accept = {},
                       .content_type = {},
                       .body = body,
                       .authorization = {}},
                      later);
}

}  // namespace

TEST_CASE("twin seed: ids are ten letters, no two the same") {
  std::set<std::string> ids;
  for (std::uint64_t number = 1; number <= 20'000; ++number) ids.insert(id_of(number));
  ids.insert(id_of(900'000'000'000));
  CHECK(ids.size() == 20'001);
  for (const std::string& id : ids) {
    REQUIRE(id.size() == 10);
    REQUIRE(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
            std::string::npos);
  }
}

TEST_CASE("twin seed: generated customers are the same at every start") {
  const roster one = generated_roster(200);
  const roster two = generated_roster(200);
  CHECK(state_lines(one) == state_lines(two));
  const std::vector<const customer*> found = one.by_reference("C-000042");
  REQUIRE(found.size() == 1);
  CHECK(found[0]->id == id_of(42));
  CHECK(metadata_at(found[0]->metadata.json, {"loyalty", "points"}).has_value());
  CHECK(metadata_at(found[0]->metadata.json, {"credit_limit"})->json == "36500");
}

TEST_CASE("twin seed: lines of JSON say what a customer is, and nothing else is changed") {
  roster groups;
  customer base;
  base.id = "abcdefghij";
  base.profile_id = string_value("kept");
  const auto read = customer_from(
      R"({"email":"a@x.it","customer_group":"GOLD","tags":["vip"],"metadata":{"b":1,"a":2.50}})",
      base, groups);
  REQUIRE(read.has_value());
  CHECK(read->profile_id == string_value("kept"));
  CHECK(read->metadata.json == R"({"a":2.50,"b":1})");
  CHECK(groups.group_by_id(read->group_id)->code == "GOLD");
  CHECK(groups.tag_by_id(read->tag_ids.at(0))->name == "vip");
  CHECK(customer_from(R"({"id":"short"})", base, groups).error().message.find("ten letters") !=
        std::string::npos);
  CHECK(customer_from(R"({"emial":"a"})", base, groups).error().message.find("no 'emial'") !=
        std::string::npos);
}

TEST_CASE("twin door: a line edits the customer that its id or its only reference names") {
  rules of({}, generated_roster(10));
  CHECK(door(of, "POST", "customers", R"({"reference":"C-000003","email":"new@x.it"})").status ==
        200);
  const customer* edited = of.customers().by_email("new@x.it");
  REQUIRE(edited != nullptr);
  CHECK(edited->id == id_of(3));
  CHECK(edited->updated_at == later);
  CHECK(edited->metadata == generated_customer(3, of.customers()).metadata);
  CHECK(door(of, "POST", "customers", R"({"id":")" + id_of(4) + R"(","reference":"C-000003"})")
            .status == 200);
  CHECK(of.customers().by_reference("C-000003").size() == 2);
  CHECK(of.customers().size() == 10);
  CHECK(door(of, "POST", "customers", R"({"reference":"C-NEW","email":"n@x.it"})").status == 200);
  CHECK(of.customers().size() == 11);
}

TEST_CASE("twin door: an e-mail that another customer has is refused, and told whose it is") {
  rules of({}, generated_roster(10));
  const std::string email = plain_text(of.customers().by_id(id_of(5))->email);
  const reply got =
      door(of, "POST", "customers", R"({"reference":"C-000003","email":")" + email + R"("})");
  CHECK(got.status == 400);
  CHECK(got.body.find(id_of(5)) != std::string::npos);
}

TEST_CASE("twin door: what is not there is told with what is") {
  rules of({}, generated_roster(3));
  CHECK(door(of, "GET", "customers/" + id_of(1)).status == 200);
  CHECK(door(of, "GET", "customers/nobody").status == 404);
  CHECK(door(of, "GET", "customers?reference=C-9").status == 404);
  CHECK(door(of, "DELETE", "customers/" + id_of(1)).status == 200);
  CHECK(door(of, "GET", "customers/" + id_of(1)).status == 404);
  CHECK(door(of, "PUT", "state").body.find("/twin/state") != std::string::npos);
  CHECK(of.log().empty());
}
