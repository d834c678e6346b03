// Every promise of port/intake_store.hpp, on a file and in memory.
#include <algorithm>

#include <doctest/doctest.h>

#include "store_bench.hpp"

namespace patchbay::testing {
namespace {

TEST_CASE_TEMPLATE("intake: what is staged is invisible until its drop is admitted", place, on_disk,
                   in_memory) {
  bench<place> here;
  const drop_number drop = here.staged({row("1", 2, email("a@x.it"))});
  CHECK(here.pending_keys().empty());
  CHECK(here->count_pending(job, on_day(1)) == 0);
  CHECK_FALSE(here.customer("1").wanted);
  CHECK(here->counts(job).pending == 0);

  here->admit(drop, {.read = 1, .pending = 1}, on_day(1));
  REQUIRE(here.customer("1").wanted);
  CHECK(here.customer("1").wanted->drop == drop);
  CHECK(here.customer("1").wanted->line == 2);
  CHECK(here.customer("1").wanted->fields == email("a@x.it"));
  CHECK(here.customer("1").wanted->line_print == fingerprint{7, 2});
  CHECK(here.customer("1").wanted->canonical_print == fingerprint{8, 2});
  CHECK(here.customer("1").id == "id-1");
  CHECK(here.pending_keys() == std::vector<std::string>{"1"});
  CHECK(here->counts(job).pending == 1);
  const drop_record record = here->drops(job).front();
  CHECK(record.state == drop_state::admitted);
  CHECK(record.admitted_at == on_day(1));
  CHECK(record.totals == totals{.read = 1, .pending = 1});
}

TEST_CASE_TEMPLATE("intake: the order of admissions outlives a clock that is set back", place,
                   on_disk, in_memory) {
  bench<place> here;
  const drop_number late = here.staged({row("1", 2, email("a@x.it"))});
  const drop_number first = here.staged({row("2", 2, email("b@x.it"))});
  here->admit(first, {.read = 1, .pending = 1}, on_day(2));
  here->admit(late, {.read = 1, .pending = 1}, on_day(1));
  CHECK(here->drops(job).front().admission == 2);
  CHECK(here->drops(job).back().admission == 1);
}

TEST_CASE_TEMPLATE("intake: unstage forgets what was staged, and never what is admitted", place,
                   on_disk, in_memory) {
  bench<place> here;
  const drop_number first = here.staged({row("1", 2, email("a@x.it"))});
  here->unstage(first);
  here->admit(first, {.read = 1, .unchanged = 1}, on_day(1));
  CHECK_FALSE(here.customer("1").wanted);
  const drop_number second = here.admitted({row("1", 2, email("b@x.it"))});
  here->unstage(second);
  REQUIRE(here.customer("1").wanted);
}

TEST_CASE_TEMPLATE("intake: staging a row twice keeps the later one", place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.staged({row("1", 2, email("a@x.it"))});
  const std::vector<staged_row> again{row("1", 9, email("b@x.it"))};
  here->stage(job, drop, again);
  here->admit(drop, {.read = 1, .pending = 1}, on_day(1));
  CHECK(here.customer("1").wanted->line == 9);
  CHECK(here.customer("1").wanted->fields == email("b@x.it"));
}

TEST_CASE_TEMPLATE("intake: an admit supersedes older pending and refused rows", place, on_disk,
                   in_memory) {
  bench<place> here;
  const drop_number first = here.admitted(
      {row("1", 2, email("a@x.it")), row("2", 3, email("b@x.it")), row("3", 4, email("c@x.it"))});
  here.refused("2");
  CHECK(here.totals_of(first) == totals{.read = 3, .rejected = 1, .pending = 2});
  const drop_number second =
      here.admitted({row("1", 2, email("aa@x.it")), row("2", 3, email("bb@x.it"))}, "b.csv");
  CHECK(here.totals_of(first) == totals{.read = 3, .superseded = 2, .pending = 1});
  CHECK(here.totals_of(second) == totals{.read = 2, .pending = 2});
  CHECK(here.customer("1").wanted->fields == email("aa@x.it"));
  CHECK(here.customer("3").wanted->drop == first);
  CHECK(here->count_pending(job, on_day(1)) == 3);
}

TEST_CASE_TEMPLATE("intake: a changed row takes its dead letters away, a repeated one keeps them",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number first = here.admitted({row("1", 2, email("bad")), row("2", 3, email("worse"))});
  here.refused("1");
  here.refused("2");
  const drop_number second = here.admitted(
      {row("1", 5, email("good@x.it")), repeated_refusal(row("2", 6, email("worse")))}, "b.csv");
  CHECK(here.customer("1").dead.empty());
  REQUIRE(here.customer("2").dead.size() == 1);
  const dead_letter kept = here.customer("2").dead.front();
  CHECK(kept.drop == second);
  CHECK(kept.file == "b.csv");
  CHECK(kept.line == 6);
  CHECK(kept.job == job);
  CHECK(here.totals_of(first) == totals{.read = 2, .superseded = 2});
  CHECK(here.totals_of(second) == totals{.read = 2, .rejected = 1, .pending = 1});
  CHECK(here.pending_keys() == std::vector<std::string>{"1"});
  CHECK(here.pending_keys(on_day(2)) == std::vector<std::string>{"1", "2"});
}

TEST_CASE_TEMPLATE("intake: a refused row that is repeated when it is due keeps its letters", place,
                   on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("bad")), row("2", 3, email("bad too"))});
  here.refused("1", on_day(1));
  here.refused("2", on_day(1));
  const drop_number second =
      here.admitted({row("1", 5, email("bad")), row("2", 6, email("new@x.it"))}, "b.csv");
  CHECK(here.customer("2").dead.empty());
  REQUIRE(here.customer("1").dead.size() == 1);
  CHECK(here.customer("1").dead.front().drop == second);
  CHECK(here.customer("1").dead.front().line == 5);
  CHECK(here.totals_of(second) == totals{.read = 2, .pending = 2});
  CHECK(here.pending_keys() == std::vector<std::string>{"1", "2"});
  here.applied("1");
  CHECK(here.customer("1").dead.empty());
}

TEST_CASE_TEMPLATE("intake: a row planned as refused whose letter is gone by then is pending",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({repeated_refusal(row("1", 2, email("a@x.it")))});
  CHECK(here.totals_of(drop) == totals{.read = 1, .pending = 1});
  CHECK(here.pending_keys() == std::vector<std::string>{"1"});
}

TEST_CASE_TEMPLATE("intake: baselines become acknowledged with the admit, waivers are replaced",
                   place, on_disk, in_memory) {
  bench<place> here;
  const learned_customer known{"1", "id-1", email("a@x.it")};
  here->learn(job, std::span(&known, 1));
  staged_row only = row("1", 2, {});
  only.baseline = {{"password", text("#1")}};
  only.waived = email("no@x.it");
  const drop_number drop = here.staged({only});
  CHECK_FALSE(here.customer("1").acknowledged.contains("password"));
  here->admit(drop, {.read = 1, .pending = 1}, on_day(1));
  const customer_levels after = here.customer("1");
  CHECK(after.acknowledged.at("password") == text("#1"));
  CHECK(after.waived == email("no@x.it"));
  CHECK(after.settled());
  CHECK(here.totals_of(drop) == totals{.read = 1, .unchanged = 1});
  CHECK(here->counts(job).waived == 1);

  here.admitted({row("1", 2, email("yes@x.it"))}, "b.csv");
  CHECK(here.customer("1").waived.empty());
  CHECK(here->counts(job).waived == 0);
}

TEST_CASE_TEMPLATE("intake: learned values are true at once, and merged", place, on_disk,
                   in_memory) {
  bench<place> here;
  const learned_customer first{"1", "id-1", email("a@x.it")};
  here->learn(job, std::span(&first, 1));
  const learned_customer second{"1", "id-1", {{"name", text("Ada")}}};
  here->learn(job, std::span(&second, 1));
  CHECK(here.customer("1").acknowledged.size() == 2);
  CHECK(here->known_customers(job) == 1);
  CHECK(here->known_customers("other") == 0);
  const std::vector<std::string> ids{"id-1", "id-2", ""};
  const std::vector<std::pair<std::string, std::string>> owned{{"id-1", "1"}};
  CHECK(here->owners(job, ids) == owned);
  CHECK(here->owners("other", ids).empty());
}

TEST_CASE_TEMPLATE("intake: a key that moves to another id keeps nothing of the old customer",
                   place, on_disk, in_memory) {
  bench<place> here;
  const learned_customer first{"1", "id-1", {{"email", text("a")}, {"name", text("Ada")}}};
  here->learn(job, std::span(&first, 1));
  const learned_customer second{"1", "id-2", email("b")};
  here->learn(job, std::span(&second, 1));
  CHECK(here.customer("1").id == "id-2");
  CHECK(here.customer("1").acknowledged == email("b"));
}

TEST_CASE_TEMPLATE("intake: who is gone from the API keeps neither id nor values", place, on_disk,
                   in_memory) {
  bench<place> here;
  const learned_customer first{"1", "id-1", email("a")};
  here->learn(job, std::span(&first, 1));
  const learned_customer gone{"1", {}, {}};
  here->learn(job, std::span(&gone, 1));
  CHECK(here.customer("1").id.empty());
  CHECK(here.customer("1").acknowledged.empty());
}

TEST_CASE_TEMPLATE("intake: lookup gives the known ones alone, of this job alone", place, on_disk,
                   in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("a@x.it")), row("2", 3, email("b@x.it"))});
  const std::vector<std::string> keys{"2", "9", "1"};
  CHECK(here->lookup(job, keys).size() == 2);
  CHECK(here->lookup("other", keys).empty());
  CHECK(here->lookup(job, keys).front().job == job);
}

TEST_CASE_TEMPLATE("intake: drop numbers grow, and a record comes back as it was written", place,
                   on_disk, in_memory) {
  bench<place> here;
  const drop_number first = here.registered("a.csv");
  const drop_number second = here.registered("b.csv");
  CHECK(second > first);
  drop_record changed = here->drops(job).back();
  changed.stored_as = "held/b.csv";
  changed.state = drop_state::held;
  changed.mode = drop_mode::delta;
  changed.digest = "d1";
  changed.config_digest = "c1";
  changed.bytes = 99;
  changed.claimed_at = on_day(3);
  changed.reason = "changes: 30% > 20%";
  changed.totals = {.read = 4, .unchanged = 1, .held = 3};
  here->update_drop(changed);
  const drop_record read = here->drops("").back();
  CHECK(read.number == second);
  CHECK(read.stored_as == "held/b.csv");
  CHECK(read.state == drop_state::held);
  CHECK(read.mode == drop_mode::delta);
  CHECK(read.digest == "d1");
  CHECK(read.config_digest == "c1");
  CHECK(read.bytes == 99);
  CHECK(read.claimed_at == on_day(3));
  CHECK(read.reason == "changes: 30% > 20%");
  CHECK(read.totals == changed.totals);
  CHECK(here->drops("other").empty());
}

TEST_CASE_TEMPLATE("intake: updating an admitted drop never touches its counters", place, on_disk,
                   in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  drop_record stale = here->drops(job).front();
  here.applied("1");
  stale.stored_as = "archive/a.csv";
  here->update_drop(stale);
  CHECK(here->drops(job).front().stored_as == "archive/a.csv");
  CHECK(here.totals_of(drop) == totals{.read = 1, .applied = 1});
}

TEST_CASE_TEMPLATE("intake: the generation grows with every admit, the job's with each change",
                   place, on_disk, in_memory) {
  bench<place> here;
  const store_identity before = here->identity();
  CHECK(before.id.size() == 32);
  CHECK(before.secret.size() == 32);
  CHECK(here->generation(job) == 0);
  here.admitted({row("1", 2, email("a@x.it"))});
  CHECK(here->identity().generation == before.generation + 1);
  CHECK(here->generation(job) == 1);
  here.admitted({}, "b.csv");
  CHECK(here->identity().generation == before.generation + 2);
  CHECK(here->generation(job) == 1);
  CHECK(here->identity().id == before.id);
  CHECK(here->identity().secret == before.secret);
}

TEST_CASE_TEMPLATE("intake: a plan that does not count what was staged is a bug, not a wrong total",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.staged({row("1", 2, email("a@x.it"))});
  CHECK_THROWS_AS(here->admit(drop, {.read = 2, .pending = 2}, on_day(1)), std::logic_error);
  CHECK_THROWS_AS(here->admit(drop, {.read = 9, .pending = 1}, on_day(1)), std::logic_error);
  CHECK_FALSE(here.customer("1").wanted);
  here->admit(drop, {.read = 1, .pending = 1}, on_day(1));
  CHECK_THROWS_AS(here->admit(drop, {.read = 1, .pending = 1}, on_day(1)), std::logic_error);
}

TEST_CASE_TEMPLATE("intake: rejects come back in the order of their lines, saving again replaces",
                   place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.registered();
  std::vector<reject_entry> rejects(2);
  rejects[0] = {"2", "a.csv", 7, "Email", "email", "CELL_INVALID", "no address", "req-1"};
  rejects[1].line = 3;
  here->save_rejects(drop, rejects);
  here->save_rejects(drop, rejects);
  const std::vector<reject_entry> read = here->rejects(drop);
  REQUIRE(read.size() == 2);
  CHECK(read[0].line == 3);
  CHECK(read[1].key == "2");
  CHECK(read[1].column == "Email");
  CHECK(read[1].field == "email");
  CHECK(read[1].code == "CELL_INVALID");
  CHECK(read[1].message == "no address");
  CHECK(read[1].request_id == "req-1");
}

TEST_CASE_TEMPLATE("intake: groups are kept, and one that does not exist is known not to", place,
                   on_disk, in_memory) {
  bench<place> here;
  const std::vector<std::pair<std::string, std::string>> first{{"gold", "g1"}, {"tin", ""}};
  here->save_groups(first);
  const std::vector<std::pair<std::string, std::string>> later{{"tin", "g2"}};
  here->save_groups(later);
  std::vector<std::pair<std::string, std::string>> read = here->groups();
  std::sort(read.begin(), read.end());
  const std::vector<std::pair<std::string, std::string>> both{{"gold", "g1"}, {"tin", "g2"}};
  CHECK(read == both);
}

}  // namespace
}  // namespace patchbay::testing
