// What an adopt wants of a customer, and what it leaves to the drops of the ERP.
#include <algorithm>

#include <doctest/doctest.h>

#include "intake_compare.hpp"
#include "levels.hpp"
#include "own_rows.hpp"
#include "patchbay/engine/values_drop.hpp"

using namespace patchbay;
using namespace patchbay::intake;

namespace {

const wall_time noon{std::chrono::hours(12)};

/// A customer as the store has it, and what a read of the API makes of it.
struct adoption {
  mapping_spec mapping = mapping_of_each_kind();
  glass_seal sealing;
  field_values api_says;  ///< what others wrote

  /// As a drop of ours is mapped: what cannot be read is no field of it.
  adoption() {
    std::erase_if(mapping.fields, [](const field_spec& one) { return !one.readable(); });
  }
  compared_row of(const customer_levels& stored) const {
    parsed_row row;
    row.line = 3;
    row.key = stored.key;
    say_as_meant(row, &stored, mapping, drop_origin::adopt);
    customer_levels known = stored;
    for (const auto& [name, now] : api_says) known.acknowledged.insert_or_assign(name, now);
    return compare(row, known, compare_rules{mapping, sealing, noon, drop_origin::adopt});
  }
};

customer_levels refused_c1() {
  customer_levels known = customer_c1();
  known.wanted = wants({{"email", text("taken@x.it")}});
  known.wanted->counted = row_class::rejected;
  known.dead.emplace_back().next_retry = noon + std::chrono::hours(1);
  return known;
}

}  // namespace

TEST_CASE("adopt: a row is a key, whatever is mapped") {
  CHECK(adopt_header() == "patchbay_adopt\n");
  CHECK(adopt_row("C-\"1\"") == "\"C-\"\"1\"\"\"\n");
}

TEST_CASE("adopt: what is wanted is what the store wants by then, before others' values are read") {
  adoption now;
  now.api_says = {{"email", text("theirs@x.it")}, {"metadata.limit", json("7")}};
  customer_levels known = customer_c1();
  known.wanted = wants({{"email", text("newest@x.it")}});
  const compared_row made = now.of(known);
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.fields ==
        field_values{{"email", text("newest@x.it")}, {"metadata.limit", json("100")}});
  CHECK(made.change->shown.fields.size() == 1);
  CHECK(made.change->shown.fields.at("metadata.limit") ==
        std::pair(std::optional(json("7")), json("100")));
}

TEST_CASE("adopt: a waiver goes on, and its value is not asked for") {
  customer_levels known = customer_c1();
  known.waived["email"] = text("refused@x.it");
  CHECK_FALSE(adoption().of(known).change.has_value());
  adoption drifted;
  drifted.api_says = {{"email", text("theirs@x.it")}};
  const compared_row made = drifted.of(known);
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.fields == field_values{{"email", text("a@x.it")}});
  CHECK(made.change->staged.waived == known.waived);
}

TEST_CASE("adopt: what waits and what was refused stays the row of the drop that brought it") {
  customer_levels waiting = customer_c1();
  waiting.wanted = wants({{"email", text("b@x.it")}});
  CHECK_FALSE(adoption().of(waiting).change.has_value());
  CHECK_FALSE(adoption().of(refused_c1()).change.has_value());
  customer_levels doubted = customer_c1();
  doubted.in_doubt = doubt{doubt::phase::unanswered, {"email"}, instant(0), 0};
  CHECK_FALSE(adoption().of(doubted).change.has_value());
  adoption theirs;  // what waits has been overwritten: its PATCH is still to come
  theirs.api_says = {{"email", text("theirs@x.it")}};
  CHECK_FALSE(theirs.of(waiting).change.has_value());
  theirs.api_says = {{"metadata.limit", json("7")}};
  CHECK(theirs.of(refused_c1()).change.has_value());
}

TEST_CASE("adopt: a sealed value that waits goes on, though its drop knows nothing of the field") {
  adoption drifted;
  drifted.api_says = {{"metadata.limit", json("7")}};
  customer_levels known = customer_c1();
  known.wanted = wants({{"password", text("#two")}});
  known.wanted->sealed["password"] = "sealed:two";
  const compared_row made = drifted.of(known);
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.fields.at("password") == text("#two"));
  CHECK(made.change->staged.wanted.sealed.at("password") == "sealed:two");
}

TEST_CASE("compare: a field that is sensitive no more is not sent in its old sealed form") {
  adoption of;  // its mapping knows of no password: here it is a plain field that says so
  customer_levels known = customer_c1();
  known.wanted = wants({{"metadata.limit", text("#100")}});
  known.wanted->sealed["metadata.limit"] = "sealed:100";
  parsed_row row;
  row.key = known.key;
  row.fields = {{"metadata.limit", json("300")}};
  const compared_row made = compare(row, known, compare_rules{of.mapping, of.sealing, noon});
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.fields.at("metadata.limit") == json("300"));
  CHECK(made.change->staged.wanted.sealed.empty());
}
