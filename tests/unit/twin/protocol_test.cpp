// What protocol/ writes, the twin's API understands; what the API answers, protocol/ reads.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "api.hpp"
#include "patchbay/protocol/replies.hpp"
#include "patchbay/protocol/requests.hpp"

using namespace patchbay;
using namespace patchbay::twin;

namespace {

field_spec spec(const std::string& name, field_kind kind, std::vector<std::string> path = {}) {
  field_spec made;
  made.name = name;
  made.kind = kind;
  made.path = std::move(path);
  return made;
}

const std::vector<field_spec> specs{
    spec("email", field_kind::attribute), spec("customer_group", field_kind::customer_group),
    spec("tags", field_kind::tags),
    spec("metadata.credit_limit", field_kind::metadata, {"credit_limit"})};

}  // namespace

TEST_CASE("twin and protocol: a token is asked for and read with its mode and remaining life") {
  api twin({.test_mode = true});
  const served got = twin.send(token_request("/oauth/token", "sandbox-client", "sandbox-secret"));
  const auto token = read_token(got.answer);
  REQUIRE(token.has_value());
  CHECK(token->test_mode);
  CHECK(token->expires_in_s == 7200);
  CHECK(token->token == twin.token_);
  const served refused = twin.send(token_request("/oauth/token", "sandbox-client", "wrong"));
  CHECK(read_token(refused.answer).error().code == "TOKEN_REFUSED");
}

TEST_CASE("twin and protocol: 25 customers are resolved by reference, e-mail and id") {
  api twin;
  std::vector<std::string> references, emails, ids;
  for (std::uint64_t number = 1; number <= 25; ++number) {
    const customer one = *twin.rules_.customers().by_id(id_of(number));
    references.push_back(plain_text(one.reference));
    emails.push_back(plain_text(one.email));
    ids.push_back(one.id);
  }
  for (const auto& [by, values] :
       {std::pair(match_by::reference, references), std::pair(match_by::email, emails),
        std::pair(match_by::id, ids)}) {
    const served got = twin.send(customers_by("/api", by, values, 1, specs));
    REQUIRE(got.answer.status == 200);
    const auto page = read_customers(got.answer.body, specs);
    REQUIRE(page.has_value());
    CHECK(page->customers.size() == 25);
    CHECK(page->pages == 1);
  }
}

TEST_CASE("twin and protocol: a customer is read as its fields, its group as id or null") {
  api twin;
  const auto page = read_customers(
      twin.send(customers_by("/api", match_by::id, std::vector{id_of(5), id_of(4)}, 1, specs))
          .answer.body,
      specs);
  REQUIRE(page.has_value());
  for (const remote_customer& one : page->customers) {
    const customer& there = *twin.rules_.customers().by_id(one.id);
    CHECK(one.fields.at("metadata.credit_limit") ==
          *metadata_at(there.metadata.json, {"credit_limit"}));
    const value group = one.fields.at("customer_group");
    CHECK((is_null(group) ? std::string() : plain_text(group)) == there.group_id);
    CHECK(one.metadata == there.metadata.json);
  }
}

TEST_CASE("twin and protocol: a PATCH is applied as it was meant, and its echo confirmed") {
  api twin;
  const std::string gold = twin.rules_.customers().group_by_code("GOLD")->id;
  const patch_content content{.id = id_of(4),
                              .fields = {{"email", string_value("né@example.com")}},
                              .metadata = R"({"credit_limit":12.50})",
                              .group_id = gold,
                              .add_tags = {"vip"},
                              .remove_tags = {}};
  const served got = twin.send(patch_customer("/api", content, specs));
  REQUIRE(got.answer.status == 200);
  const auto [said, echo] = read_patch_answer(got.answer, specs);
  CHECK(said.kind == verdict_kind::confirmed);
  REQUIRE(echo.has_value());
  CHECK(plain_text(echo->fields.at("email")) == "né@example.com");
  CHECK(echo->fields.at("metadata.credit_limit").json == "12.50");
  CHECK(plain_text(echo->fields.at("customer_group")) == gold);
  CHECK(twin.rules_.customers().by_id(id_of(4))->tag_ids.size() == 1);
  const patch_content out{.id = id_of(4),
                          .fields = {},
                          .metadata = {},
                          .group_id = "",
                          .add_tags = {},
                          .remove_tags = {}};
  CHECK(twin.send(patch_customer("/api", out, specs)).answer.status == 200);
  CHECK(twin.rules_.customers().by_id(id_of(4))->group_id.empty());
}

TEST_CASE("twin and protocol: groups are found by code") {
  api twin;
  const auto page = read_groups(
      twin.send(groups_by_code("/api", std::vector<std::string>{"GOLD", "BRONZE"}, 1)).answer.body);
  REQUIRE(page.has_value());
  CHECK(page->groups.size() == 2);
}

TEST_CASE("twin and protocol: every fault gets the verdict that the table of errors says") {
  const std::pair<const char*, verdict_kind> table[] = {
      {"html-500", verdict_kind::unanswered},      {"empty-502", verdict_kind::unanswered},
      {"empty-503", verdict_kind::unanswered},     {"timeout-408", verdict_kind::unanswered},
      {"conflict-409", verdict_kind::conflict},    {"locked-423", verdict_kind::locked},
      {"throttled-429", verdict_kind::throttled},  {"denied-401", verdict_kind::forbidden},
      {"forbidden-403", verdict_kind::forbidden},  {"redirect-302", verdict_kind::misused},
      {"revoke-token", verdict_kind::stale_token}, {"refuse-value", verdict_kind::refused}};
  for (const auto& [fault, kind] : table) {
    CAPTURE(fault);
    api twin;
    twin.rules_.faults().add(read_fault_rule(fault).value());
    const served got = twin.patch(id_of(4), R"("attributes":{"email":"new@example.com"})");
    CHECK(read_verdict(got.answer, specs).kind == kind);
  }
  api twin;
  const served gone = twin.patch("abcdefghij", R"("attributes":{})");
  CHECK(read_verdict(gone.answer, specs).kind == verdict_kind::gone);
}
