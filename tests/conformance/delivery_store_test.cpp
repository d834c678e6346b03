// Every promise of port/delivery_store.hpp about levels, doubts and letters; see doubt_test for
// what is in doubt, windows_test for the slots.
#include <doctest/doctest.h>

#include "store_bench.hpp"

namespace patchbay::testing {
namespace {

using keys = std::vector<std::string>;

TEST_CASE_TEMPLATE("pending: pages go on after (drop, line, key), and nobody is left out", place,
                   on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("z", 2, email("1")), row("b", 5, email("2")), row("a", 5, email("3"))});
  here.admitted({row("m", 1, email("4")), row("c", 9, email("5"))}, "b.csv");
  keys seen;
  pending_cursor after;
  for (int page = 0; page < 9; ++page) {
    const std::vector<customer_levels> found = here->pending(job, after, 2, on_day(1));
    if (found.empty()) break;
    for (const customer_levels& one : found) {
      seen.push_back(one.key);
      after = {one.wanted->drop, one.wanted->line, one.key};
    }
  }
  CHECK(seen == keys{"z", "a", "b", "m", "c"});
  CHECK(here->count_pending(job, on_day(1)) == 5);
  CHECK(here->count_pending("other", on_day(1)) == 0);
  CHECK(here->pending("other", {}, 9, on_day(1)).empty());
}

TEST_CASE_TEMPLATE("applied: the customer is settled, its row counted, its line may enter the set",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  const settled_row done = here.applied("1");
  CHECK(done.settled);
  CHECK(done.key == "1");
  CHECK(done.line_print == fingerprint{7, 2});
  CHECK(done.canonical_print == fingerprint{8, 2});
  CHECK(here.customer("1").settled());
  CHECK(here.customer("1").acknowledged == email("a@x.it"));
  CHECK(here.totals_of(drop) == totals{.read = 1, .applied = 1});
  CHECK(here.pending_keys().empty());
}

TEST_CASE_TEMPLATE(
    "applied: where others' values became acknowledged beside the row, its line stays out", place,
    on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("a@x.it"))});
  const learned_customer drifted{"1", "id-1", {{"name", text("Theirs")}}};
  here->learn(job, std::span(&drifted, 1));
  const settled_row done = here.applied("1");
  CHECK(done.settled);
  CHECK_FALSE(done.enters_set);
}

TEST_CASE_TEMPLATE("applied: while the PATCH is out its fields are in doubt", place, on_disk,
                   in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("a@x.it"))});
  const slot_number slot = here.lease_patch("1");
  const customer_levels out = here.customer("1");
  REQUIRE(out.in_doubt);
  CHECK(out.in_doubt->at == doubt::phase::in_flight);
  CHECK(out.in_doubt->fields == keys{"email"});
  CHECK(out.in_doubt->slot == slot);
}

TEST_CASE_TEMPLATE("applied: a part of the wanted values leaves the customer pending", place,
                   on_disk, in_memory) {
  bench<place> here;
  const drop_number drop =
      here.admitted({row("1", 2, {{"email", text("a@x.it")}, {"name", text("Ada")}})});
  settle how = here.ended(settle_kind::applied, "1", here.lease_patch("1"), drop);
  how.acknowledged = email("a@x.it");
  CHECK_FALSE(here.settle_with(how).settled);
  CHECK(here.totals_of(drop) == totals{.read = 1, .pending = 1});
  CHECK(fields_to_send(here.customer("1")) == field_values{{"name", text("Ada")}});
}

TEST_CASE_TEMPLATE("applied: the echo's own form is remembered, and a read of it changes nothing",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("A@X.it"))});
  settle how = here.ended(settle_kind::applied, "1", here.lease_patch("1"), drop);
  how.acknowledged = email("A@X.it");
  how.echoed = email("a@x.it");
  CHECK(here.settle_with(how).settled);
  CHECK(here.customer("1").echoed == email("a@x.it"));
  const learned_customer read{"1", "id-1", email("a@x.it")};
  here->learn(job, std::span(&read, 1));
  CHECK(here.customer("1").acknowledged == email("A@X.it"));
  const learned_customer other{"1", "id-1", email("b@x.it")};
  here->learn(job, std::span(&other, 1));
  CHECK(here.customer("1").acknowledged == email("b@x.it"));
  CHECK(here.customer("1").echoed.empty());
}

TEST_CASE_TEMPLATE("applied with a value not taken: acknowledged is the echo's, the row is refused",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  settle how = here.ended(settle_kind::applied, "1", here.lease_patch("1"), drop);
  how.acknowledged = email("kept@x.it");
  how.dead = {here.letter("1", "email", drop)};
  CHECK_FALSE(here.settle_with(how).settled);
  CHECK(here.customer("1").acknowledged == email("kept@x.it"));
  CHECK(here.customer("1").dead.size() == 1);
  CHECK_FALSE(here.customer("1").in_doubt);
  CHECK(here.totals_of(drop) == totals{.read = 1, .rejected = 1});
  CHECK(here.pending_keys().empty());
  CHECK(here.pending_keys(on_day(2)) == keys{"1"});
  CHECK(here.applied("1").settled);
  CHECK(here.customer("1").dead.empty());
  CHECK(here.totals_of(drop) == totals{.read = 1, .applied = 1});
}

TEST_CASE_TEMPLATE("refused: the letter stands until it is due, acknowledged stays", place, on_disk,
                   in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("bad")), row("2", 3, email("b@x.it"))});
  here.refused("1");
  const customer_levels after = here.customer("1");
  CHECK(after.acknowledged.empty());
  CHECK_FALSE(after.in_doubt);
  REQUIRE(after.dead.size() == 1);
  CHECK(after.wanted->counted == row_class::rejected);
  CHECK(here.totals_of(drop) == totals{.read = 2, .rejected = 1, .pending = 1});
  CHECK(here.pending_keys() == keys{"2"});
  CHECK(here->count_pending(job, on_day(1)) == 1);
  CHECK(here->count_pending(job, on_day(2)) == 2);
  CHECK(here.pending_keys(on_day(2)) == keys{"1", "2"});
}

TEST_CASE_TEMPLATE("refused again: the letters are replaced, not heaped up", place, on_disk,
                   in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("bad"))});
  here.refused("1", on_day(2));
  here.refused("1", on_day(4));
  REQUIRE(here.customer("1").dead.size() == 1);
  CHECK(here.customer("1").dead.front().next_retry == on_day(4));
  CHECK(here.pending_keys(on_day(3)).empty());
}

TEST_CASE_TEMPLATE("denied: nothing is in doubt, the customer stays pending", place, on_disk,
                   in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::denied, "1", here.lease_patch("1"), drop));
  CHECK_FALSE(here.customer("1").in_doubt);
  CHECK(here.totals_of(drop) == totals{.read = 1, .pending = 1});
  CHECK(here.pending_keys() == keys{"1"});
}

TEST_CASE_TEMPLATE("attempts used up without an answer: refused and in doubt, due again later",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  settle how = here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop);
  how.dead = {here.letter("1", "", drop)};
  here.settle_with(how);
  CHECK(here.customer("1").in_doubt);
  CHECK(here.totals_of(drop) == totals{.read = 1, .rejected = 1});
  CHECK(here.pending_keys().empty());
  CHECK(here.pending_keys(on_day(2)) == keys{"1"});
}

TEST_CASE_TEMPLATE(
    "refused for good after an attempt without an answer: read back, and refused still", place,
    on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop));
  settle how = here.ended(settle_kind::refused, "1", here.lease_patch("1"), drop);
  how.dead = {here.letter("1", "email", drop)};
  here.settle_with(how);
  CHECK(here.customer("1").in_doubt->at == doubt::phase::proving);
  CHECK(here.pending_keys() == keys{"1"});
  const prove read{job, "1", email("old@x.it"), on_day(1)};
  here.commit(read, at_second(40));
  CHECK_FALSE(here.customer("1").in_doubt);
  CHECK(here.customer("1").acknowledged == email("old@x.it"));
  CHECK(here.totals_of(drop) == totals{.read = 1, .rejected = 1});
}

TEST_CASE_TEMPLATE("a refused row that must be proven is pending although its letter is not due",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop));
  settle how = here.ended(settle_kind::applied, "1", here.lease_patch("1"), drop);
  how.acknowledged = email("kept@x.it");
  how.dead = {here.letter("1", "email", drop)};
  here.settle_with(how);
  CHECK(here.pending_keys() == keys{"1"});
  const prove read{job, "1", email("kept@x.it"), on_day(1)};
  here.commit(read, at_second(40));
  CHECK(here.pending_keys().empty());
  CHECK(here.totals_of(drop) == totals{.read = 1, .rejected = 1});
  CHECK(here.pending_keys(on_day(2)) == keys{"1"});
}

TEST_CASE_TEMPLATE("a verdict on values that a newer drop replaced never dead-letters the newer",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number first = here.admitted({row("1", 2, email("bad"))});
  const slot_number slot = here.lease_patch("1");
  const drop_number second = here.admitted({row("1", 2, email("good@x.it"))}, "b.csv");
  settle_kind kind = settle_kind::refused;
  SUBCASE("refused") {
    kind = settle_kind::refused;
  }
  SUBCASE("unanswered, attempts used up") {
    kind = settle_kind::unanswered;
  }
  SUBCASE("applied, not taken") {
    kind = settle_kind::applied;
  }
  SUBCASE("gone") {
    kind = settle_kind::gone;
  }
  settle how = here.ended(kind, "1", slot, first);
  if (kind == settle_kind::applied) how.acknowledged = email("kept");
  how.dead = {here.letter("1", "email", first)};
  CHECK_FALSE(here.settle_with(how).settled);
  CHECK(here.customer("1").dead.empty());
  CHECK(here.totals_of(first) == totals{.read = 1, .superseded = 1});
  CHECK(here.totals_of(second) == totals{.read = 1, .pending = 1});
}

TEST_CASE_TEMPLATE("a success on values that a newer drop replaced is acknowledged, not settled",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number first = here.admitted({row("1", 2, email("v1"))});
  const slot_number slot = here.lease_patch("1");
  const drop_number second = here.admitted({row("1", 2, email("v2"))}, "b.csv");
  settle how = here.ended(settle_kind::applied, "1", slot, first);
  how.acknowledged = email("v1");
  CHECK_FALSE(here.settle_with(how).settled);
  CHECK(here.customer("1").acknowledged == email("v1"));
  CHECK(here.customer("1").wanted->drop == second);
  CHECK(here.applied("1").settled);
  CHECK(here.totals_of(first) == totals{.read = 1, .superseded = 1});
  CHECK(here.totals_of(second) == totals{.read = 1, .applied = 1});
}

TEST_CASE_TEMPLATE("gone: id and acknowledged are forgotten, the letter says why", place, on_disk,
                   in_memory) {
  bench<place> here;
  const learned_customer known{"1", "id-1", {{"name", text("Ada")}}};
  here->learn(job, std::span(&known, 1));
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  settle how = here.ended(settle_kind::gone, "1", here.lease_patch("1"), drop);
  how.dead = {here.letter("1", "", drop)};
  CHECK_FALSE(here.settle_with(how).settled);
  const customer_levels after = here.customer("1");
  CHECK(after.id.empty());
  CHECK(after.acknowledged.empty());
  CHECK_FALSE(after.in_doubt);
  CHECK(after.dead.size() == 1);
  CHECK(here.totals_of(drop) == totals{.read = 1, .rejected = 1});
  const std::vector<std::string> ids{"id-1"};
  CHECK(here->owners(job, ids).empty());
}

TEST_CASE_TEMPLATE("cancel: the slot is given back, and the mark with it", place, on_disk,
                   in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("a@x.it"))});
  const slot_number slot = here.lease_patch("1");
  here.commit(cancel_lease{slot, job, "1"});
  CHECK_FALSE(here.customer("1").in_doubt);
  CHECK(here->slots_held(request_class::patch, at_second(60), at_second(1)) == 0);
}

TEST_CASE_TEMPLATE("cancel: an earlier attempt without an answer stays in doubt", place, on_disk,
                   in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop));
  here.commit(cancel_lease{here.lease_patch("1"), job, "1"});
  REQUIRE(here.customer("1").in_doubt);
  CHECK(here.customer("1").in_doubt->at == doubt::phase::unanswered);
}

TEST_CASE_TEMPLATE("close: a row with nothing to send is counted as what it is", place, on_disk,
                   in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  const close_row early{job, "1", drop};
  CHECK_FALSE(std::get<settled_row>(here.commit(early)).settled);
  const learned_customer read{"1", "id-1", email("a@x.it")};
  here->learn(job, std::span(&read, 1));
  const close_row stale{job, "1", drop + 1};
  CHECK_FALSE(std::get<settled_row>(here.commit(stale)).settled);
  CHECK(std::get<settled_row>(here.commit(early)).settled);
  CHECK(here.totals_of(drop) == totals{.read = 1, .unchanged = 1});
}

TEST_CASE_TEMPLATE("one commit answers many operations in their order", place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  lease_request asked;
  asked.kind = request_class::get;
  settle how = here.ended(settle_kind::applied, "1", here.lease_patch("1"), drop);
  how.acknowledged = email("a@x.it");
  const std::vector<delivery_op> ops{asked, how, release_slot{1, at_second(2)}, asked};
  const std::vector<op_result> results = here->commit(ops, at_second(2));
  REQUIRE(results.size() == 4);
  CHECK(std::get<lease>(results[0]).slot);
  CHECK(std::get<settled_row>(results[1]).settled);
  CHECK(std::holds_alternative<std::monostate>(results[2]));
  CHECK(std::get<lease>(results[3]).slot);
}

TEST_CASE_TEMPLATE("recover: attempts in flight become unanswered, proofs wait again", place,
                   on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a")), row("2", 3, email("b"))});
  here.settle_with(here.ended(settle_kind::unanswered, "2", here.lease_patch("2"), drop));
  here.applied("2");
  here.lease_patch("1");
  here->recover(at_second(100), at_second(30));
  REQUIRE(here.customer("1").in_doubt);
  CHECK(here.customer("1").in_doubt->at == doubt::phase::unanswered);
  CHECK(here.customer("1").in_doubt->fields == keys{"email"});
  CHECK(here.customer("2").in_doubt->at == doubt::phase::proving);
  CHECK(here.customer("2").in_doubt->not_before == at_second(130));
  CHECK(here->slots_held(request_class::patch, at_second(60), at_second(159)) == 1);
  CHECK(here->slots_held(request_class::patch, at_second(60), at_second(161)) == 0);
  CHECK(here.pending_keys() == keys{"1", "2"});
}

}  // namespace
}  // namespace patchbay::testing
