// What a run wrote, put back: which values, what is left, and whose value is waived by it.
#include <vector>

#include <doctest/doctest.h>

#include "intake_compare.hpp"
#include "levels.hpp"
#include "own_rows.hpp"
#include "patchbay/engine/reverting.hpp"

using namespace patchbay;
using namespace patchbay::intake;

namespace {

job_spec the_job() {
  job_spec job;
  job.name = "erp";
  job.mapping = mapping_of_each_kind();
  return job;
}

written_field wrote(const char* field, value from, value to) {
  return {"C-1", field, std::move(from), std::move(to)};
}

const mapping_spec mapping = mapping_of_each_kind();
const glass_seal sealing;

compared_row reverted(const customer_levels& known, const char* field, put_back how) {
  parsed_row row;
  row.key = known.key;
  row.fields.emplace(field, cell_of(how));
  say_as_meant(row, &known, mapping, drop_origin::revert);
  return compare(row, known, compare_rules{mapping, sealing, wall_time{}, drop_origin::revert});
}

std::string why_left(const compared_row& made) {
  CHECK_FALSE(made.change.has_value());
  REQUIRE(made.skipped.size() == 1);
  CHECK(made.skipped.front().key == "C-1");
  CHECK(made.skipped.front().field == "email");
  return made.skipped.front().why;
}

}  // namespace

TEST_CASE("revert: of several writes of a run the first from and the last to count") {
  const std::vector<written_field> written{wrote("email", text("v0@x.it"), text("v1@x.it")),
                                           wrote("email", text("v1@x.it"), text("a@x.it"))};
  const std::vector<customer_levels> now{customer_c1()};
  const reversal made = reverse_run(the_job(), written, {}, now);
  CHECK(made.back.at("C-1") == put_backs{{"email", {text("a@x.it"), text("v0@x.it")}}});
  CHECK(made.skipped.empty());
}

TEST_CASE("revert: what ended as it had begun is no change") {
  const std::vector<written_field> written{wrote("email", text("a@x.it"), text("v1@x.it")),
                                           wrote("email", text("v1@x.it"), text("a@x.it"))};
  const std::vector<customer_levels> now{customer_c1()};
  const reversal made = reverse_run(the_job(), written, {}, now);
  CHECK(made.back.empty());
  CHECK(made.skipped.empty());
}

TEST_CASE("revert: leaves what it cannot put back, and says why") {
  const auto why_of = [](customer_levels now, written_field one) {
    const std::vector<written_field> written{std::move(one)};
    const std::vector<customer_levels> all{std::move(now)};
    const reversal made = reverse_run(the_job(), written, {}, all);
    CHECK(made.back.empty());
    REQUIRE(made.skipped.size() == 1);
    return made.skipped.front().why;
  };
  CHECK(why_of(customer_c1(), wrote("email", text("v0@x.it"), text("v1@x.it"))) == "changed since");
  CHECK(why_of(customer_c1(), {"C-1", "email", std::nullopt, text("a@x.it")}) ==
        "it was not known what the field held before");
  CHECK(why_of(customer_c1(), wrote("metadata.gone", json("1"), json("2"))) ==
        "the configuration no longer maps this field");
  CHECK(why_of(customer_c1(), wrote("password", json("\"#1\""), json("\"#2\""))) ==
        "the API does not show this field: nobody knows what it was");
  customer_levels newer = customer_c1();
  newer.wanted = wants({{"email", text("newer@x.it")}});
  CHECK(why_of(newer, wrote("email", text("v0@x.it"), text("a@x.it"))) ==
        "the ERP wants another value since");
  customer_levels doubted = customer_c1();
  doubted.in_doubt.emplace();
  doubted.in_doubt->fields = {"email"};
  CHECK(why_of(doubted, wrote("email", text("v0@x.it"), text("a@x.it"))).starts_with("a request"));
  customer_levels gone = customer_c1();
  gone.id.clear();
  CHECK(why_of(gone, wrote("email", text("v0@x.it"), text("a@x.it"))) ==
        "the API no longer has the customer");
}

TEST_CASE("revert: what a run left unsent is taken back, be it in doubt or not") {
  customer_levels left = customer_c1();
  left.wanted = wants({{"email", text("bad@x.it")}});
  const std::vector<std::string> keys{"C-1"};
  const std::vector<customer_levels> now{left};
  const put_back taken_back{text("bad@x.it"), text("a@x.it")};
  CHECK(reverse_run(the_job(), {}, keys, now).back.at("C-1") == put_backs{{"email", taken_back}});
  CHECK(reverse_run(the_job(), {}, {}, now).back.empty());

  const compared_row unsent = reverted(left, "email", taken_back);
  REQUIRE(unsent.change.has_value());
  CHECK(unsent.change->staged.wanted.fields == field_values{{"email", text("a@x.it")}});
  CHECK(unsent.change->staged.wanted.counted == row_class::unchanged);
  CHECK(unsent.change->staged.waived == field_values{{"email", text("bad@x.it")}});
  left.in_doubt.emplace();
  left.in_doubt->fields = {"email"};
  const compared_row doubted = reverted(left, "email", taken_back);
  REQUIRE(doubted.change.has_value());
  CHECK(doubted.change->staged.wanted.counted == row_class::pending);
}

TEST_CASE("revert: the ERP's value is waived, and no longer where it comes back") {
  const compared_row back = reverted(customer_c1(), "email", {text("a@x.it"), text("before@x.it")});
  REQUIRE(back.change.has_value());
  CHECK(back.change->staged.wanted.fields == field_values{{"email", text("before@x.it")}});
  CHECK(back.change->staged.waived == field_values{{"email", text("a@x.it")}});

  customer_levels waiving = customer_c1();
  waiving.acknowledged["email"] = text("before@x.it");
  waiving.waived["email"] = text("a@x.it");
  const compared_row older = reverted(waiving, "email", {text("before@x.it"), text("old@x.it")});
  CHECK(older.change->staged.waived == field_values{{"email", text("a@x.it")}});
  const compared_row again = reverted(waiving, "email", {text("before@x.it"), text("a@x.it")});
  CHECK(again.change->staged.wanted.fields == field_values{{"email", text("a@x.it")}});
  CHECK(again.change->staged.waived.empty());
}

TEST_CASE("revert: what changed while its drop was held stays, is listed, and is not waived") {
  const put_back written{text("a@x.it"), text("before@x.it")};
  customer_levels newer = customer_c1();
  newer.acknowledged["email"] = text("newer@x.it");
  CHECK(why_left(reverted(newer, "email", written)) == "changed since");
  customer_levels waiting = customer_c1();
  waiting.wanted = wants({{"email", text("newer@x.it")}});
  CHECK(why_left(reverted(waiting, "email", written)) == "the ERP wants another value since");
  customer_levels doubted = customer_c1();
  doubted.in_doubt.emplace();
  doubted.in_doubt->fields = {"email"};
  CHECK(why_left(reverted(doubted, "email", written)).starts_with("a request"));
}

TEST_CASE("revert: a cell says what it replaces as well, and no value hides it") {
  const put_back odd{json("{\"from\":1}"), null_value()};
  CHECK(cell_of(odd).json == "{\"from\":{\"from\":1},\"to\":null}");
  CHECK(read_put_back(cell_of(odd)) == odd);
  parsed_row bare;
  bare.key = "C-1";
  bare.fields.emplace("email", text("before@x.it"));
  say_as_meant(bare, nullptr, mapping, drop_origin::revert);
  const compared_row made = compare(
      bare, customer_c1(), compare_rules{mapping, sealing, wall_time{}, drop_origin::revert});
  CHECK(why_left(made) == "the drop does not say which value it replaces");
}
