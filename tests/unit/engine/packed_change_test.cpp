#include "packed_change.hpp"

#include <doctest/doctest.h>

using namespace patchbay;
using namespace patchbay::intake;

TEST_CASE("packed change: what goes into the spool comes back, every member of it") {
  planned_change change;
  staged_row& row = change.staged;
  row.key = "C-1";
  row.id = "xYz";
  row.wanted.line = 42;
  row.wanted.fields = {{"email", string_value("a\nb")}, {"tax", null_value()}};
  row.wanted.sealed = {{"password", std::string("\0\xFF", 2)}};
  row.wanted.line_print = {1, 2};
  row.wanted.canonical_print = {3, 4};
  row.wanted.counted = row_class::rejected;
  row.baseline = {{"password", string_value("#hash")}};
  row.waived = {{"group", string_value("GOLD")}};
  change.shown = {"C-1",
                  "xYz",
                  42,
                  {{"email", {std::nullopt, string_value("a\nb")}},
                   {"tax", {string_value("x"), null_value()}}}};
  change.clears = {"tax"};
  change.changes_wanted = change.was_pending = true;
  const planned_change back = unpack(pack(change));
  CHECK(back.staged.key == row.key);
  CHECK(back.staged.id == row.id);
  CHECK(back.staged.wanted.line == 42);
  CHECK(back.staged.wanted.fields == row.wanted.fields);
  CHECK(back.staged.wanted.sealed == row.wanted.sealed);
  CHECK(back.staged.wanted.line_print == row.wanted.line_print);
  CHECK(back.staged.wanted.canonical_print == row.wanted.canonical_print);
  CHECK(back.staged.wanted.counted == row_class::rejected);
  CHECK(back.staged.baseline == row.baseline);
  CHECK(back.staged.waived == row.waived);
  CHECK(back.shown.key == "C-1");
  CHECK(back.shown.id == "xYz");
  CHECK(back.shown.line == 42);
  CHECK(back.shown.fields == change.shown.fields);
  CHECK(back.clears == change.clears);
  CHECK(back.changes_wanted);
  CHECK(back.was_pending);
  CHECK(unpack(pack({})).shown.fields.empty());
}
