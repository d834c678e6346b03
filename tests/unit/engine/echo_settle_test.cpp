#include <doctest/doctest.h>

#include "levels.hpp"
#include "patch_builder.hpp"

using namespace patchbay;

namespace {

const glass_seal sealing;
const wall_time noon{std::chrono::hours(12)};

settle settled(const field_values& asked, const field_values& echoed) {
  customer_levels customer = customer_c1();
  customer.wanted = wants(asked);
  built_patch sent;
  sent.asked = asked;
  remote_customer echo;
  echo.fields = echoed;
  const mapping_spec mapping = mapping_of_each_kind();
  return settle_confirmed(customer, sent, echo, field_rules{mapping, sealing},
                          letter_frame{.file = "c.csv", .now = noon});
}

}  // namespace

TEST_CASE("settle: an echo that says the same is acknowledged as asked") {
  const settle made =
      settled({{"metadata.limit", json("7.50")}}, {{"metadata.limit", json("7.5")}});
  CHECK(made.acknowledged == field_values{{"metadata.limit", json("7.50")}});
  CHECK(made.echoed.empty());
  CHECK(made.dead.empty());
}

TEST_CASE("settle: another form of the value is remembered beside it") {
  const settle made = settled({{"email", text(" B@X.it")}}, {{"email", text("b@x.it")}});
  CHECK(made.acknowledged.at("email") == text(" B@X.it"));
  CHECK(made.echoed.at("email") == text("b@x.it"));
  CHECK(made.dead.empty());
}

TEST_CASE("settle: a value that the API did not take is a dead letter, what it shows is known") {
  const settle made = settled({{"email", text("b@x.it")}}, {{"email", text("a@x.it")}});
  CHECK(made.acknowledged.at("email") == text("a@x.it"));
  REQUIRE(made.dead.size() == 1);
  const dead_letter& letter = made.dead.front();
  CHECK(letter.code == "NOT_APPLIED");
  CHECK(letter.field == "email");
  CHECK(letter.column == "COL_email");
  CHECK(letter.file == "c.csv");
  CHECK(letter.line == 12);
  CHECK(letter.drop == 7);
  CHECK(letter.attempts == 1);
  CHECK(letter.since == noon);
}

TEST_CASE("settle: a password that no answer shows is acknowledged as its hash alone") {
  const settle made = settled({{"password", text("two")}}, {});
  CHECK(made.acknowledged.at("password") == sealing.veil(text("two")));
}

TEST_CASE("settle: a refusal names field and column, and counts on from the last one") {
  customer_levels customer = customer_c1();
  customer.wanted = wants({{"email", text("b@x.it")}});
  verdict said;
  said.request_id = "req-1";
  said.refusals = {{"email", "VALIDATION_ERROR", "has already been taken", "taken"},
                   {"", "OTHER", "no field", ""}};
  const auto letters = letters_of(customer, said, mapping_of_each_kind(),
                                  letter_frame{.file = "c.csv",
                                               .attempts_before = 2,
                                               .since = noon,
                                               .now = noon + std::chrono::hours(1)});
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].column == "COL_email");
  CHECK(letters[0].request_id == "req-1");
  CHECK(letters[0].attempts == 3);
  CHECK(letters[0].since == noon);
  CHECK(letters[0].next_retry > noon + std::chrono::hours(1));
  CHECK(letters[1].column.empty());
}

TEST_CASE("read-back: only values that are really others differ, of what is wanted or in doubt") {
  const mapping_spec mapping = mapping_of_each_kind();
  customer_levels customer = customer_c1();
  customer.in_doubt = doubt{doubt::phase::proving, {"email", "metadata.limit"}, instant(0), 0};
  customer.acknowledged["email"] = text("A@x.it");
  customer.echoed["email"] = text("a+norm@x.it");
  remote_customer read;
  read.fields = {{"email", text("a+norm@x.it")}, {"metadata.limit", json("100.0")}};
  CHECK(differing_fields(customer, read, mapping, sealing).empty());
  read.fields = {{"email", text("late@x.it")}, {"tags", json("[]")}};
  CHECK(differing_fields(customer, read, mapping, sealing) ==
        field_values{{"email", text("late@x.it")}});
  customer.wanted = wanted_row{};
  customer.wanted->fields.emplace("tags", json("[\"vip\"]"));
  CHECK(differing_fields(customer, read, mapping, sealing) ==
        field_values{{"email", text("late@x.it")}, {"tags", json("[]")}});
}

TEST_CASE("read-back: a password in doubt is what no read can prove") {
  customer_levels customer = customer_c1();
  CHECK(unseen_doubts(customer, mapping_of_each_kind()).empty());
  customer.in_doubt = doubt{doubt::phase::proving, {"email", "password"}, instant(0), 0};
  CHECK(unseen_doubts(customer, mapping_of_each_kind()) == std::vector<std::string>{"password"});
}
