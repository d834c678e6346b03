#include "patchbay/policy/budgets.hpp"

#include <doctest/doctest.h>

using namespace patchbay;

namespace {

const budget_entry& entry_of(const std::vector<budget_entry>& weighed, std::string_view name) {
  for (const budget_entry& entry : weighed) {
    if (entry.name == name) return entry;
  }
  FAIL("no budget of that name");
  return weighed.front();
}

}  // namespace

TEST_CASE("budgets: a share is exceeded only when strictly more than it would change") {
  drop_measures measured{.rows = 10'000, .known = 10'000, .changes = 2'000};
  CHECK_FALSE(entry_of(weigh({}, measured), "changes").exceeded);
  measured.changes = 2'001;
  const auto weighed = weigh({}, measured);
  CHECK(entry_of(weighed, "changes").exceeded);
  CHECK(entry_of(weighed, "changes").limit == "20%");
  CHECK(entry_of(weighed, "changes").value == "20.01%");
  CHECK(exceeded_in_words(weighed) == "budget changes: 20.01% is more than the allowed 20%");
}

TEST_CASE("budgets: ten rows never exceed a share, eleven do; a number counts from the first") {
  drop_measures measured{.rows = 12, .known = 12, .changes = 10};
  CHECK_FALSE(entry_of(weigh({}, measured), "changes").exceeded);
  measured.changes = 11;
  CHECK(entry_of(weigh({}, measured), "changes").exceeded);
  budget_spec spec;
  spec.changes = {.is_share = false, .share = 0, .number = 3};
  measured.changes = 4;
  const budget_entry changes = entry_of(weigh(spec, measured), "changes");
  CHECK(changes.exceeded);
  CHECK(changes.limit == "3");
  CHECK(changes.value == "4");
}

TEST_CASE("budgets: rejects are a share of the rows, absent one of the last snapshot's customers") {
  const drop_measures measured{
      .rows = 100, .known = 1'000, .rejects = 11, .absent = 20, .present_before = 100};
  const auto weighed = weigh({}, measured);
  CHECK(entry_of(weighed, "rejects").exceeded);
  CHECK(entry_of(weighed, "rejects").value == "11%");
  CHECK(entry_of(weighed, "absent").exceeded);
  CHECK(entry_of(weighed, "absent").value == "20%");
}

TEST_CASE("budgets: a delta has no budget for absence") {
  for (const budget_entry& entry : weigh({}, {.rows = 1, .known = 1})) {
    CHECK(entry.name != "absent");
  }
}

TEST_CASE("budgets: fields have budgets only where one is named, clears apart from changes") {
  budget_spec spec;
  spec.fields["email"] = {.changes = budget_limit{.share = 0.02},
                          .clears = budget_limit{.is_share = false, .share = 0, .number = 0}};
  drop_measures measured{.rows = 1'000, .known = 1'000};
  measured.fields["email"] = {.changes = 20, .clears = 1};
  const auto weighed = weigh(spec, measured);
  CHECK_FALSE(entry_of(weighed, "fields.email.changes").exceeded);
  CHECK(entry_of(weighed, "fields.email.clears").exceeded);
}

TEST_CASE("budgets: a share too small to be shown is not shown as nothing") {
  const auto weighed = weigh({}, {.rows = 1, .known = 10'000'000, .changes = 3});
  CHECK(entry_of(weighed, "changes").value == "<0.01%");
  CHECK(entry_of(weigh({}, {}), "changes").value == "0%");
}
