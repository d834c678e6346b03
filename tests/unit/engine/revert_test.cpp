// What a run wrote, put back: which values, what is left, and whose value is waived by it.
#include <vector>

#include <doctest/doctest.h>

#include "intake_compare.hpp"
#include "levels.hpp"
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

compared_row said_by(drop_origin origin, const customer_levels& known, field_values says) {
  static const mapping_spec mapping = mapping_of_each_kind();
  static const glass_seal sealing;
  parsed_row row;
  row.key = known.key;
  row.fields = std::move(says);
  return compare(row, known, compare_rules{mapping, sealing, wall_time{}, origin});
}

}  // namespace

TEST_CASE("revert: of several writes of a run the first from and the last to count") {
  const std::vector<written_field> written{wrote("email", text("v0@x.it"), text("v1@x.it")),
                                           wrote("email", text("v1@x.it"), text("a@x.it"))};
  const std::vector<customer_levels> now{customer_c1()};
  const reversal made = reverse_run(the_job(), written, now);
  CHECK(made.back.at("C-1") == field_values{{"email", text("v0@x.it")}});
  CHECK(made.skipped.empty());
}

TEST_CASE("revert: what ended as it had begun is no change") {
  const std::vector<written_field> written{wrote("email", text("a@x.it"), text("v1@x.it")),
                                           wrote("email", text("v1@x.it"), text("a@x.it"))};
  const std::vector<customer_levels> now{customer_c1()};
  const reversal made = reverse_run(the_job(), written, now);
  CHECK(made.back.empty());
  CHECK(made.skipped.empty());
}

TEST_CASE("revert: leaves what it cannot put back, and says why") {
  const auto why_of = [](customer_levels now, written_field one) {
    const std::vector<written_field> written{std::move(one)};
    const std::vector<customer_levels> all{std::move(now)};
    const reversal made = reverse_run(the_job(), written, all);
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

TEST_CASE("revert: the ERP's value is waived, and no longer where it comes back") {
  const compared_row back =
      said_by(drop_origin::revert, customer_c1(), {{"email", text("before@x.it")}});
  REQUIRE(back.change.has_value());
  CHECK(back.change->staged.wanted.fields == field_values{{"email", text("before@x.it")}});
  CHECK(back.change->staged.waived == field_values{{"email", text("a@x.it")}});

  customer_levels reverted = customer_c1();
  reverted.acknowledged["email"] = text("before@x.it");
  reverted.waived["email"] = text("a@x.it");
  const compared_row older = said_by(drop_origin::revert, reverted, {{"email", text("old@x.it")}});
  CHECK(older.change->staged.waived == field_values{{"email", text("a@x.it")}});
  const compared_row again = said_by(drop_origin::revert, reverted, {{"email", text("a@x.it")}});
  CHECK(again.change->staged.wanted.fields == field_values{{"email", text("a@x.it")}});
  CHECK(again.change->staged.waived.empty());
}

TEST_CASE("adopt: what is wanted is said again, and ends no waiver") {
  customer_levels known = customer_c1();
  known.waived["email"] = text("refused@x.it");
  CHECK_FALSE(said_by(drop_origin::adopt, known, {{"email", text("a@x.it")}}).change.has_value());
  CHECK(
      said_by(drop_origin::erp, known, {{"email", text("a@x.it")}}).change->staged.waived.empty());
  known.acknowledged["email"] = text("theirs@x.it");
  const compared_row made = said_by(drop_origin::adopt, known, {{"email", text("a@x.it")}});
  CHECK(made.change->staged.wanted.fields == field_values{{"email", text("a@x.it")}});
  CHECK(made.change->staged.waived == known.waived);
}
