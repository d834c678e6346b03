#include "run_lists.hpp"

#include <doctest/doctest.h>

#include "levels.hpp"

using namespace patchbay;

namespace {

constexpr drop_number older = 3;
constexpr drop_number ours = 7;

dead_letter letter(const std::string& key, const std::string& field, drop_number drop,
                   int attempts) {
  dead_letter one;
  one.key = key;
  one.field = field;
  one.drop = drop;
  one.line = 5;
  one.code = "VALIDATION_ERROR";
  one.message = field + " is taken";
  one.attempts = attempts;
  return one;
}

run_start begun_with(std::vector<dead_letter> letters) {
  run_start begun;
  begun.drops.resize(1);
  begun.drops.front().number = older;
  begun.drops.front().state = drop_state::admitted;
  begun.letters = std::move(letters);
  return begun;
}

customer_levels owes(drop_number drop, row_class counted) {
  customer_levels one = customer_c1();
  one.wanted = wants({{"email", text("b@x.it")}});
  one.wanted->drop = drop;
  one.wanted->counted = counted;
  return one;
}

run_report report_of_ours() {
  run_report report;
  report.drop.emplace();
  report.drop->number = ours;
  report.drop->state = drop_state::admitted;
  change_entry change;
  change.key = "C-1";
  change.fields["email"] = {text("a@x.it"), text("b@x.it")};
  change.fields["metadata.limit"] = {json("1"), json("100")};
  report.changes.push_back(change);
  return report;
}

}  // namespace

TEST_CASE("run lists: a customer with two letters is rejected once, also when it was before") {
  const run_start begun = begun_with({letter("C-1", "email", older, 1)});
  const auto fresh =
      refused_since(begun, {letter("C-1", "email", older, 2), letter("C-1", "reference", older, 1),
                            letter("C-2", "email", ours, 1)});
  CHECK(fresh.size() == 3);
  CHECK(older_rejected(begun, fresh) == 1);
  const auto same = refused_since(begun, {letter("C-1", "email", older, 1)});
  CHECK(older_rejected(begun, same) == 0);
}

TEST_CASE("run lists: a refused change that is due again counts as pending, and is no reject") {
  customers_now now;
  now.emplace("C-1", owes(ours, row_class::pending));
  now.emplace("C-2", owes(ours, row_class::rejected));
  const auto left =
      that_count({letter("C-1", "email", ours, 1), letter("C-2", "email", ours, 1)}, now);
  REQUIRE(left.size() == 1);
  CHECK(left.front().key == "C-2");
}

TEST_CASE("run lists: the last report of a run lists what was refused of older drops, too") {
  const run_start begun = begun_with({});
  const std::vector<dead_letter> letters{letter("C-1", "email", older, 1),
                                         letter("C-2", "email", ours, 1)};
  run_report report = report_of_ours();
  add_rejects(report, letters, letters, begun, false);
  REQUIRE(report.rejects.size() == 1);
  CHECK(report.rejects.front().key == "C-2");
  add_rejects(report, letters, letters, begun, true);
  CHECK(report.rejects.size() == 2);
}

TEST_CASE("run lists: a listed change that the API does not have is marked with what it is") {
  for (const row_class counted : {row_class::pending, row_class::rejected}) {
    run_report report = report_of_ours();
    customers_now now;
    now.emplace("C-1", owes(ours, counted));
    mark_open(report, now);
    CHECK(report.changes.front().open == std::map<std::string, row_class>{{"email", counted}});
  }
  run_report overtaken = report_of_ours();
  customers_now now;
  now.emplace("C-1", owes(ours + 1, row_class::pending));
  mark_open(overtaken, now);
  CHECK(overtaken.changes.front().open.at("email") == row_class::superseded);
  run_report made = report_of_ours();
  mark_open(made, {{"C-1", customer_c1()}});
  CHECK(made.changes.front().open.empty());
  run_report held = report_of_ours();
  held.drop->state = drop_state::held;
  mark_open(held, now);
  CHECK(held.changes.front().open.empty());
}

TEST_CASE("run lists: what a run wrote is told by customer, from first to last, and masked") {
  job_spec job;
  job.mapping = mapping_of_each_kind();
  const auto made = changes_of({{"C-2", "email", text("a@x.it"), text("b@x.it")},
                                {"C-1", "password", text("#1"), text("#2")},
                                {"C-2", "email", text("b@x.it"), text("c@x.it")}},
                               job);
  REQUIRE(made.size() == 2);
  CHECK(made[0].fields.at("password") ==
        std::pair<std::optional<value>, value>(text("***"), text("***")));
  CHECK(made[1].fields.at("email") ==
        std::pair<std::optional<value>, value>(text("a@x.it"), text("c@x.it")));
}
