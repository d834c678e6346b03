#include <doctest/doctest.h>

#include "intake_compare.hpp"
#include "levels.hpp"

using namespace patchbay;
using namespace patchbay::intake;

namespace {

const wall_time noon{std::chrono::hours(12)};

struct comparison {
  mapping_spec mapping = mapping_of_each_kind();
  glass_seal sealing;

  compared_row operator()(const customer_levels& known, field_values says) const {
    parsed_row row;
    row.line = 20;
    row.key = known.key;
    row.fields = std::move(says);
    for (auto& [name, said] : row.fields) {
      if (name != "password") continue;
      row.plain.emplace(name, said);
      said = sealing.veil(said);
    }
    return compare(row, known, compare_rules{mapping, sealing, noon});
  }
};

customer_levels refused(customer_levels known, field_values fields, wall_time next_retry) {
  known.wanted = wants(std::move(fields));
  known.wanted->counted = row_class::rejected;
  dead_letter letter;
  letter.next_retry = next_retry;
  known.dead.push_back(letter);
  return known;
}

}  // namespace

TEST_CASE("compare: values that are acknowledged already are unchanged, numbers by their amount") {
  const compared_row made =
      comparison{}(customer_c1(), {{"email", text("a@x.it")}, {"metadata.limit", json("100.0")}});
  CHECK_FALSE(made.change.has_value());
  CHECK_FALSE(made.waived);
}

TEST_CASE("compare: only the fields that differ are wanted, with from and to") {
  const compared_row made =
      comparison{}(customer_c1(), {{"email", text("b@x.it")}, {"metadata.limit", json("100")}});
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.fields == field_values{{"email", text("b@x.it")}});
  CHECK(made.change->staged.wanted.counted == row_class::pending);
  CHECK(made.change->staged.wanted.line == 20);
  CHECK(made.change->changes_wanted);
  const auto& [from, to] = made.change->shown.fields.at("email");
  CHECK(from == text("a@x.it"));
  CHECK(to == text("b@x.it"));
}

TEST_CASE("compare: a value that becomes null is told as cleared") {
  const compared_row made = comparison{}(customer_c1(), {{"metadata.limit", null_value()}});
  REQUIRE(made.change.has_value());
  CHECK(made.change->clears == std::vector<std::string>{"metadata.limit"});
}

TEST_CASE("compare: the old value again, while a change waits, takes the change back") {
  customer_levels known = customer_c1();
  known.wanted = wants({{"email", text("b@x.it")}});
  const compared_row made = comparison{}(known, {{"email", text("a@x.it")}});
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.fields.at("email") == text("a@x.it"));
  CHECK(made.change->staged.wanted.counted == row_class::unchanged);
  CHECK(made.change->was_pending);
  // Nothing is shown as changed from a value to the very same: what waited is what is taken back.
  CHECK(made.change->changes_wanted);
  CHECK(made.change->shown.fields.at("email").first == text("b@x.it"));
}

TEST_CASE("compare: the old value again, while an attempt is in doubt, must still be sent") {
  customer_levels known = customer_c1();
  known.in_doubt = doubt{doubt::phase::unanswered, {"email"}, instant(0), 0};
  const compared_row made = comparison{}(known, {{"email", text("a@x.it")}});
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.counted == row_class::pending);
}

TEST_CASE("compare: what waits and is not named by the row goes on waiting") {
  customer_levels known = customer_c1();
  known.wanted = wants({{"metadata.limit", json("200")}});
  const compared_row made = comparison{}(known, {{"email", text("b@x.it")}});
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.fields ==
        field_values{{"email", text("b@x.it")}, {"metadata.limit", json("200")}});
  CHECK(made.change->shown.fields.size() == 1);
}

TEST_CASE("compare: the form in which the API keeps a value counts as the value") {
  customer_levels known = customer_c1();
  known.acknowledged["email"] = text("A@x.it");
  known.echoed["email"] = text("a@x.it");
  CHECK_FALSE(comparison{}(known, {{"email", text("a@x.it")}}).change.has_value());
  CHECK(comparison{}(known, {{"email", text("c@x.it")}}).change.has_value());
}

TEST_CASE("compare: a waived value hides the difference until the ERP says something new") {
  customer_levels known = customer_c1();
  known.waived["email"] = text("b@x.it");
  const compared_row hidden = comparison{}(known, {{"email", text("b@x.it")}});
  CHECK(hidden.waived);
  CHECK_FALSE(hidden.change.has_value());
  const compared_row ended = comparison{}(known, {{"email", text("c@x.it")}});
  REQUIRE(ended.change.has_value());
  CHECK(ended.change->staged.waived.empty());
  CHECK(ended.change->staged.wanted.fields.at("email") == text("c@x.it"));
  // Back to what the API has: nothing to send, but the waiver is over and must be forgotten.
  const compared_row back = comparison{}(known, {{"email", text("a@x.it")}});
  REQUIRE(back.change.has_value());
  CHECK(back.change->staged.waived.empty());
  CHECK(back.change->staged.wanted.counted == row_class::unchanged);
}

TEST_CASE("compare: the first password is a baseline, the next one is sent, sealed and masked") {
  comparison of;
  const compared_row first = of(customer_c1(), {{"password", text("one")}});
  REQUIRE(first.change.has_value());
  CHECK(first.change->staged.baseline.contains("password"));
  CHECK(first.change->staged.wanted.fields.empty());
  CHECK(first.change->staged.wanted.counted == row_class::unchanged);

  customer_levels known = customer_c1();
  known.acknowledged["password"] = of.sealing.veil(text("one"));
  const compared_row next = of(known, {{"password", text("two")}});
  REQUIRE(next.change.has_value());
  CHECK(next.change->staged.wanted.fields.at("password") == of.sealing.veil(text("two")));
  CHECK(next.change->staged.wanted.sealed.at("password") == of.sealing.close(text("two")));
  const auto& [from, to] = next.change->shown.fields.at("password");
  CHECK(from == text("***"));
  CHECK(to == text("***"));
}

TEST_CASE("compare: initial_send sends the first value of a field that cannot be read") {
  comparison of;
  of.mapping.fields[1].initial_send = true;
  const compared_row made = of(customer_c1(), {{"password", text("one")}});
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.baseline.empty());
  CHECK(made.change->staged.wanted.counted == row_class::pending);
}

TEST_CASE("compare: a sealed value that waits keeps its seal when the row does not name it") {
  customer_levels known = customer_c1();
  known.wanted = wants({{"password", text("#\"two\"")}});
  known.wanted->sealed["password"] = "sealed:\"two\"";
  const compared_row made = comparison{}(known, {{"email", text("b@x.it")}});
  REQUIRE(made.change.has_value());
  CHECK(made.change->staged.wanted.sealed.at("password") == "sealed:\"two\"");
}

TEST_CASE("compare: what was refused stays refused until its retry is due or it changes") {
  const field_values taken{{"email", text("taken@x.it")}};
  const wall_time later = noon + std::chrono::hours(1);
  const compared_row again = comparison{}(refused(customer_c1(), taken, later), taken);
  REQUIRE(again.change.has_value());
  CHECK(again.change->staged.wanted.counted == row_class::rejected);
  CHECK_FALSE(again.change->changes_wanted);
  const compared_row due = comparison{}(refused(customer_c1(), taken, noon), taken);
  CHECK(due.change->staged.wanted.counted == row_class::pending);
  const compared_row other =
      comparison{}(refused(customer_c1(), taken, later), {{"email", text("free@x.it")}});
  CHECK(other.change->staged.wanted.counted == row_class::pending);
}

TEST_CASE("needs_read: unknown is not null, and what cannot be read is never asked for") {
  const mapping_spec mapping = mapping_of_each_kind();
  parsed_row row;
  row.fields = {{"tags", json("[]")}};
  CHECK(needs_read(row, customer_c1(), mapping));
  row.fields = {{"email", text("b@x.it")}, {"password", text("#x")}};
  CHECK_FALSE(needs_read(row, customer_c1(), mapping));
}
