// Every promise of port/run_store.hpp, on a file and in memory.
#include <doctest/doctest.h>

#include "store_bench.hpp"

namespace patchbay::testing {
namespace {

using keys = std::vector<std::string>;

run_record run_of(const std::string& name, int day, const std::string& outcome = "done") {
  run_record made;
  made.run = name;
  made.job = job;
  made.outcome = outcome;
  made.started_at = on_day(day);
  made.finished_at = on_day(day) + milliseconds(5);
  made.json = "{\"run\":\"" + name + "\"}\n";
  return made;
}

TEST_CASE_TEMPLATE(
    "runs: saved, replaced, found, the newest first, also when the clock is set back", place,
    on_disk, in_memory) {
  bench<place> here;
  here->save_run(run_of("r1", 1, "partial"));
  here->save_run(run_of("r3", 3));
  here->save_run(run_of("r2", 2));
  here->save_run(run_of("r1", 1, "done"));
  const std::vector<run_record> two = here->runs(2);
  REQUIRE(two.size() == 2);
  CHECK(two[0].run == "r2");
  CHECK(two[1].run == "r3");
  const auto found = here->find_run("r1");
  REQUIRE(found);
  CHECK(found->outcome == "done");
  CHECK(found->job == job);
  CHECK(found->json == "{\"run\":\"r1\"}\n");
  CHECK(found->started_at == on_day(1));
  CHECK(found->finished_at == on_day(1) + milliseconds(5));
  CHECK_FALSE(found->dry_run);
  CHECK_FALSE(here->find_run("r9"));
}

TEST_CASE_TEMPLATE("history: what is past goes, runs and refused rows; drops and levels stay",
                   place, on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("b"))});
  const drop_number drop = here->drops(job).front().number;
  here->save_rejects(drop, std::vector<reject_entry>{{}});
  here->save_run(run_of("r1", 1));
  here->save_run(run_of("r2", 2));
  CHECK(here->forget_history(on_day(2)) >= 1);
  CHECK_FALSE(here->find_run("r1"));
  CHECK(here->find_run("r2"));
  here->forget_history(on_day(20'000));
  CHECK(here->rejects(drop).empty());
  CHECK(here->drops(job).size() == 1);
  CHECK(here->known_customers(job) == 1);
}

TEST_CASE_TEMPLATE("served: the last scheduled moment of each job is kept, with its schedule",
                   place, on_disk, in_memory) {
  bench<place> here;
  CHECK_FALSE(here->served(job));
  here->save_served(job, {"15 2 * * *", on_day(1)});
  here->save_served("another", {"@daily", on_day(9)});
  here->save_served(job, {"15 3 * * *", on_day(2)});
  const auto found = here->served(job);
  REQUIRE(found);
  CHECK(found->schedule == "15 3 * * *");
  CHECK(found->moment == on_day(2));
}

TEST_CASE_TEMPLATE(
    "counts: the last success is the last run that was done and no dry run, the last run any that "
    "did not fail",
    place, on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("bad")), row("2", 3, email("b"))});
  CHECK_FALSE(here->counts(job).last_success);
  here->save_run(run_of("r1", 1));
  here->save_run(run_of("r2", 2, "partial"));
  run_record dry = run_of("r3", 3);
  dry.dry_run = true;
  here->save_run(dry);
  here.refused("1");
  here->save_run(run_of("r4", 4, "failed"));
  const job_counts counted = here->counts(job);
  CHECK(counted.last_success == on_day(1) + milliseconds(5));
  CHECK(counted.last_run == on_day(2) + milliseconds(5));
  CHECK(counted.pending == 1);
  CHECK(counted.dead_letters == 1);
  CHECK(counted.waived == 0);
  CHECK(here->counts("other").pending == 0);
}

TEST_CASE_TEMPLATE("traces: what a run wrote, what is left of it, and whether it told so", place,
                   on_disk, in_memory) {
  bench<place> here;
  const auto of_run = [&here](const std::string& run, const std::string& file) {
    drop_record record;
    record.job = job;
    record.file = file;
    record.run = run;
    return here->register_drop(record);
  };
  CHECK_FALSE(here->unreported());
  const std::vector<staged_row> rows{row("1", 2, email("a")), row("2", 3, email("b"))};
  const drop_number drop = of_run("run-1", "a.csv");
  here->stage(job, drop, rows);
  CHECK(here->written_by("run-1").first.empty());
  here->admit(drop, plan_of(rows), on_day(1));
  CHECK(here->written_by("run-1").first == job);
  CHECK(here->written_by("run-1").second.empty());
  CHECK(here->left_by("run-1") == keys{"1", "2"});
  here.applied("1");
  const auto written = here->written_by("run-1").second;
  REQUIRE(written.size() == 1);
  CHECK(written[0].key == "1");
  CHECK(written[0].field == "email");
  CHECK_FALSE(written[0].from);
  CHECK(written[0].to == text("a"));
  CHECK(here->left_by("run-1") == keys{"2"});
  const auto untold = here->unreported();
  REQUIRE(untold);
  CHECK(untold->run == "run-1");
  CHECK(untold->job == job);
  SUBCASE("told") {
    here->save_run(run_of("run-1", 1));
    CHECK_FALSE(here->unreported());
  }
  SUBCASE("a later run of another job says nothing of it") {
    run_record other = run_of("run-9", 9);
    other.job = "another";
    here->save_run(other);
    CHECK(here->unreported());
    here->save_run(run_of("run-8", 8));
    CHECK_FALSE(here->unreported());
  }
  SUBCASE("who goes on with what was left has written that, and nothing else") {
    settle how = here.ended(settle_kind::applied, "2", here.lease_patch("2"), drop);
    how.run = "run-2";
    how.acknowledged = email("b");
    here.settle_with(how);
    REQUIRE(here->written_by("run-2").second.size() == 1);
    CHECK(here->written_by("run-2").second[0].key == "2");
    CHECK(here->written_by("run-1").second.size() == 1);
    CHECK(here->left_by("run-1").empty());
    CHECK(here->left_by("run-2").empty());
  }
  SUBCASE("past its history nothing is known but what waits still") {
    here->forget_history(on_day(20'000));
    CHECK(here->written_by("run-1").second.empty());
    CHECK(here->left_by("run-1") == keys{"2"});
    CHECK_FALSE(here->unreported());
  }
  SUBCASE("another's") {
    CHECK(here->written_by("run-7").first.empty());
    CHECK(here->left_by("run-7").empty());
  }
}

TEST_CASE_TEMPLATE("mode: whose limits count is not known before a token has said it", place,
                   on_disk, in_memory) {
  bench<place> here;
  CHECK_FALSE(here->test_mode().has_value());
  here->save_test_mode(true);
  CHECK(here->test_mode() == true);
  here->save_test_mode(false);
  CHECK(here->test_mode() == false);
  CHECK_FALSE(here->identity().secret.empty());
}

TEST_CASE_TEMPLATE("requests: kept in their order until the owner erases them", place, on_disk,
                   in_memory) {
  bench<place> here;
  here->leave_request({0, request_kind::approve, "erp", "a.csv", "ada", on_day(1)});
  here->leave_request({0, request_kind::retry_all_dead, "", "", "bob", on_day(2)});
  std::vector<owner_request> left = here->requests();
  REQUIRE(left.size() == 2);
  CHECK(left[0].kind == request_kind::approve);
  CHECK(left[0].job == "erp");
  CHECK(left[0].subject == "a.csv");
  CHECK(left[0].who == "ada");
  CHECK(left[0].at == on_day(1));
  here->erase_request(left[0].number);
  left = here->requests();
  REQUIRE(left.size() == 1);
  CHECK(left[0].kind == request_kind::retry_all_dead);
}

TEST_CASE("requests: what one process leaves another one sees at once") {
  const temp_folder folder;
  const auto owner = open_store(folder.path() / "state.db", "owner");
  const auto beside = open_store(folder.path() / "state.db", "beside");
  beside->leave_request({0, request_kind::retry_dead, "", "1", "ada", on_day(1)});
  REQUIRE(owner->requests().size() == 1);
  owner->erase_request(owner->requests().front().number);
  CHECK(beside->requests().empty());
}

TEST_CASE_TEMPLATE("dead letters: come back as they were settled", place, on_disk, in_memory) {
  bench<place> here;
  const drop_number drop = here.admitted({row("1", 2, email("bad"))});
  here.refused("1");
  const std::vector<dead_letter> all = here->dead_letters(job);
  REQUIRE(all.size() == 1);
  const dead_letter& one = all.front();
  CHECK(one.job == job);
  CHECK(one.key == "1");
  CHECK(one.id == "id-1");
  CHECK(one.drop == drop);
  CHECK(one.file == "a.csv");
  CHECK(one.line == 2);
  CHECK(one.column == "Email");
  CHECK(one.field == "email");
  CHECK(one.code == "VALIDATION_ERROR");
  CHECK(one.message == "is invalid");
  CHECK(one.request_id == "req-9");
  CHECK(one.attempts == 1);
  CHECK(one.since == on_day(1));
  CHECK(one.next_retry == on_day(2));
  CHECK(here->dead_letters("").size() == 1);
  CHECK(here->dead_letters("other").empty());
}

TEST_CASE_TEMPLATE("retry_dead: makes one or all due at once", place, on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("bad")), row("2", 3, email("worse"))});
  here.refused("1", on_day(9));
  here.refused("2", on_day(9));
  CHECK(here.pending_keys().empty());
  CHECK(here->retry_dead("1", on_day(1)) == 1);
  CHECK(here.pending_keys() == keys{"1"});
  CHECK(here->retry_dead("", on_day(1)) == 2);
  CHECK(here.pending_keys() == keys{"1", "2"});
  CHECK(here->retry_dead("9", on_day(1)) == 0);
  CHECK(here->count_pending(job, on_day(1)) == 2);
}

TEST_CASE_TEMPLATE("drop_dead: the refused value is waived, the row unchanged, nothing pending",
                   place, on_disk, in_memory) {
  bench<place> here;
  const learned_customer known{"1", "id-1", email("old@x.it")};
  here->learn(job, std::span(&known, 1));
  const drop_number drop = here.admitted({row("1", 2, email("bad"))});
  here.refused("1");
  CHECK(here->drop_dead("1", "ada", on_day(1)) == 1);
  const customer_levels after = here.customer("1");
  CHECK(after.settled());
  CHECK(after.dead.empty());
  CHECK(after.waived == email("bad"));
  CHECK(after.acknowledged == email("old@x.it"));
  CHECK(here.totals_of(drop) == totals{.read = 1, .unchanged = 1});
  CHECK(here.pending_keys(on_day(9)).empty());
  CHECK(here->counts(job).waived == 1);
  CHECK(here->drop_dead("1", "ada", on_day(1)) == 0);
}

TEST_CASE_TEMPLATE("drop_dead: values that no letter refuses are still wanted", place, on_disk,
                   in_memory) {
  bench<place> here;
  const drop_number drop =
      here.admitted({row("1", 2, {{"email", text("bad")}, {"name", text("Ada")}})});
  here.refused("1");
  here->drop_dead("1", "ada", on_day(1));
  CHECK(here.customer("1").waived == email("bad"));
  CHECK(fields_to_send(here.customer("1")) == field_values{{"name", text("Ada")}});
  CHECK(here.pending_keys() == keys{"1"});
  CHECK(here.totals_of(drop) == totals{.read = 1, .pending = 1});
  CHECK(here.applied("1").settled);
  CHECK(here.totals_of(drop) == totals{.read = 1, .applied = 1});
}

TEST_CASE_TEMPLATE("counts: what is owed is owed since the first of the drops that repeat it",
                   place, on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("new@x.it"))});
  const std::vector<staged_row> again{row("1", 2, email("new@x.it")), row("2", 3, email("b@x.it"))};
  const drop_number second = here.staged(again, "b.csv");
  here->admit(second, plan_of(again), on_day(3));
  CHECK(here.customer("1").wanted->since == on_day(1));
  CHECK(here.customer("2").wanted->since == on_day(3));
  CHECK(here->counts(job).oldest_pending == on_day(1));
  CHECK(here.applied("1").settled);
  CHECK(here->counts(job).oldest_pending == on_day(3));
}

TEST_CASE_TEMPLATE("drop_dead: what is in doubt is first put back to what was acknowledged", place,
                   on_disk, in_memory) {
  bench<place> here;
  const learned_customer known{"1", "id-1", email("old@x.it")};
  here->learn(job, std::span(&known, 1));
  const drop_number drop = here.admitted({row("1", 2, email("new@x.it"))});
  settle how = here.ended(settle_kind::unanswered, "1", here.lease_patch("1"), drop);
  how.dead = {here.letter("1", "", drop)};
  here.settle_with(how);
  here->drop_dead("1", "ada", on_day(1));
  CHECK(here.customer("1").waived == email("new@x.it"));
  CHECK(here.pending_keys() == keys{"1"});
  CHECK(fields_to_send(here.customer("1")) == email("old@x.it"));
  here.applied("1");
  const prove read{job, "1", email("old@x.it"), on_day(1)};
  CHECK(std::get<settled_row>(here.commit(read, at_second(40))).settled);
  CHECK(here.customer("1").settled());
}

}  // namespace
}  // namespace patchbay::testing
