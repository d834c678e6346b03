// What port/delivery_store.hpp promises of requests without an answer: in doubt until a read proves
// them, and no other attempt's answer takes the mark away.
#include <doctest/doctest.h>

#include "store_bench.hpp"

namespace patchbay::testing {
namespace {

using keys = std::vector<std::string>;

TEST_CASE_TEMPLATE("unanswered: stays in doubt until a later success is proven by a read", place,
                   on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop));
  REQUIRE(here.customer("1").in_doubt);
  CHECK(here.customer("1").in_doubt->at == doubt::phase::unanswered);
  CHECK_FALSE(here.applied("1").settled);
  const customer_levels proving = here.customer("1");
  REQUIRE(proving.in_doubt);
  CHECK(proving.in_doubt->at == doubt::phase::proving);
  CHECK(proving.in_doubt->not_before == at_second(2) + at_second(30));
  CHECK(here.totals_of(drop) == totals{.read = 1, .pending = 1});
  CHECK(here.pending_keys() == keys{"1"});

  const prove read{job, "1", email("a@x.it"), on_day(1)};
  CHECK_FALSE(std::get<settled_row>(here.commit(read, at_second(31))).settled);
  const settled_row done = std::get<settled_row>(here.commit(read, at_second(33)));
  CHECK(done.settled);
  CHECK(done.line_print == fingerprint{7, 2});
  CHECK(here.customer("1").settled());
  CHECK(here.totals_of(drop) == totals{.read = 1, .applied = 1});
}

TEST_CASE_TEMPLATE("proof: a late attempt that won leaves the customer pending with what was read",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop));
  here.applied("1");
  const prove read{job, "1", email("late@x.it"), on_day(1)};
  CHECK_FALSE(std::get<settled_row>(here.commit(read, at_second(40))).settled);
  CHECK_FALSE(here.customer("1").in_doubt);
  CHECK(here.customer("1").acknowledged == email("late@x.it"));
  CHECK(fields_to_send(here.customer("1")) == email("a@x.it"));
  CHECK(here.pending_keys() == keys{"1"});
  CHECK(here.applied("1").settled);
  CHECK(here.totals_of(drop) == totals{.read = 1, .applied = 1});
}

TEST_CASE_TEMPLATE("proof: a field in doubt that no read shows is sent again, and then settles",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop));
  here.applied("1");
  prove read{job, "1", {}, on_day(1)};
  read.unseen = {"email", "not wanted"};
  CHECK_FALSE(std::get<settled_row>(here.commit(read, at_second(40))).settled);
  CHECK_FALSE(here.customer("1").in_doubt);
  CHECK(fields_to_send(here.customer("1")) == email("a@x.it"));
  CHECK(here.applied("1").settled);
  CHECK(here.totals_of(drop) == totals{.read = 1, .applied = 1});
}

TEST_CASE_TEMPLATE("proof: a read does not count when a new attempt began meanwhile", place,
                   on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop));
  here.applied("1");
  here.admitted({row("1", 2, email("b@x.it"))}, "b.csv");
  here.lease_patch("1");
  const prove read{job, "1", email("a@x.it"), on_day(1)};
  CHECK_FALSE(std::get<settled_row>(here.commit(read, at_second(40))).settled);
  REQUIRE(here.customer("1").in_doubt);
  CHECK(here.customer("1").in_doubt->at == doubt::phase::in_flight);
}

TEST_CASE_TEMPLATE("doubt: a definite no takes its own mark away, not that of an earlier attempt",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number first = here.admitted({row("1", 2, email("a@x.it"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), first));
  const drop_number second = here.admitted({row("1", 3, {{"name", text("Ada")}})}, "b.csv");
  const slot_number slot = here.lease_patch("1");
  CHECK(here.customer("1").in_doubt->fields == keys{"email", "name"});
  here.settle_with(here.ended(settle_kind::denied, "1", slot, second));
  REQUIRE(here.customer("1").in_doubt);
  CHECK(here.customer("1").in_doubt->at == doubt::phase::unanswered);
  CHECK(here.customer("1").in_doubt->fields == keys{"email"});
}

TEST_CASE_TEMPLATE("doubt: sent v1, no answer, the ERP is back at v0: v0 is sent again", place,
                   on_disk, in_memory) {
  bench<place> here;
  const learned_customer known{"1", "id-1", email("v0")};
  here->learn(job, std::span(&known, 1));
  const drop_number first = here.admitted({row("1", 2, email("v1"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), first));
  const drop_number second = here.admitted({row("1", 2, email("v0"))}, "b.csv");
  CHECK(fields_to_send(here.customer("1")) == email("v0"));
  CHECK(here.pending_keys() == keys{"1"});
  const close_row early{job, "1", second};
  CHECK_FALSE(std::get<settled_row>(here.commit(early)).settled);
  here.applied("1");
  const prove read{job, "1", email("v0"), on_day(1)};
  CHECK(std::get<settled_row>(here.commit(read, at_second(40))).settled);
  CHECK(here.totals_of(first) == totals{.read = 1, .superseded = 1});
  CHECK(here.totals_of(second) == totals{.read = 1, .applied = 1});
}

TEST_CASE_TEMPLATE("doubt: a row that wants nothing stays while something is in doubt", place,
                   on_disk, in_memory) {
  bench<place> here;
  const learned_customer known{"1", "id-1", email("v0")};
  here->learn(job, std::span(&known, 1));
  const drop_number first = here.admitted({row("1", 2, email("v1"))});
  here.settle_with(here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), first));
  const drop_number second = here.admitted({row("1", 2, {})}, "b.csv");
  CHECK(here.pending_keys() == keys{"1"});
  CHECK(fields_to_send(here.customer("1")) == email("v0"));
  CHECK(here.totals_of(second) == totals{.read = 1, .pending = 1});
}

TEST_CASE_TEMPLATE("doubt: attempts used up with a 409 or 423 leave what was asked to a read",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  settle how = here.ended(settle_kind::put_off, "1", here.lease_patch("1"), drop);
  how.dead = {here.letter("1", "", drop)};
  here.settle_with(how);
  const customer_levels put_off = here.customer("1");
  REQUIRE(put_off.in_doubt);
  CHECK(put_off.in_doubt->at == doubt::phase::proving);
  CHECK(put_off.in_doubt->fields == keys{"email"});
  CHECK(here.totals_of(drop) == totals{.read = 1, .rejected = 1});
  const prove read{job, "1", email("a@x.it"), on_day(1)};
  CHECK(std::get<settled_row>(here.commit(read, at_second(40))).settled);
  CHECK(here.customer("1").dead.empty());
}

TEST_CASE_TEMPLATE("doubt: with nothing left to send, what is in doubt is read back", place,
                   on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  settle how = here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop);
  how.dead = {here.letter("1", "", drop)};
  here.settle_with(how);
  here->drop_dead("1", "ada", on_day(1));
  CHECK(fields_to_send(here.customer("1")).empty());
  CHECK(here.pending_keys() == keys{"1"});
  here.settle_with(here.ended(settle_kind::applied, "1", 0, drop));
  REQUIRE(here.customer("1").in_doubt);
  CHECK(here.customer("1").in_doubt->at == doubt::phase::proving);
  const prove read{job, "1", email("old@x.it"), on_day(1)};
  CHECK(std::get<settled_row>(here.commit(read, at_second(40))).settled);
  CHECK(here.customer("1").acknowledged == email("old@x.it"));
  CHECK(here.totals_of(drop) == totals{.read = 1, .unchanged = 1});
}

}  // namespace
}  // namespace patchbay::testing
