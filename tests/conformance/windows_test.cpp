// The slots of port/delivery_store.hpp: leased durably, released one window after the answer,
// shared by everybody who has the same file open, kept over crashes and boots.
#include <algorithm>
#include <array>
#include <atomic>
#include <new>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_bench.hpp"

namespace patchbay::testing {
namespace {

const window_limits two_in_ten{{2, at_second(10)}};

lease ask(sqlite_store& store, request_class kind, const window_limits& limits, instant now) {
  lease_request asked;
  asked.kind = kind;
  asked.limits = limits;
  const delivery_op op = asked;
  return std::get<lease>(store.commit(std::span(&op, 1), now).front());
}

void release(sqlite_store& store, const lease& taken, instant at) {
  const delivery_op op = release_slot{taken.slot.value_or(0), at};
  store.commit(std::span(&op, 1), at);
}

TEST_CASE_TEMPLATE("slots: a full window says when it opens: one window and a bit after the answer",
                   place, on_disk, in_memory) {
  bench<place> here;
  sqlite_store& store = here.store();
  const lease first = ask(store, request_class::get, two_in_ten, at_second(1));
  const lease second = ask(store, request_class::get, two_in_ten, at_second(1));
  REQUIRE(first.slot);
  REQUIRE(second.slot);
  CHECK(*first.slot != *second.slot);
  const lease third = ask(store, request_class::get, two_in_ten, at_second(1000));
  CHECK_FALSE(third.slot);
  CHECK_FALSE(third.not_before);
  release(store, first, at_second(3));
  const lease fourth = ask(store, request_class::get, two_in_ten, at_second(5));
  CHECK_FALSE(fourth.slot);
  CHECK(fourth.not_before == at_second(3) + at_second(10.01));
  CHECK_FALSE(ask(store, request_class::get, two_in_ten, at_second(13)).slot);
  CHECK(ask(store, request_class::get, two_in_ten, at_second(13.01)).slot);
}

TEST_CASE_TEMPLATE("slots: every window of the class must have room", place, on_disk, in_memory) {
  bench<place> here;
  const window_limits limits{{3, at_second(60)}, {1, at_second(10)}};
  double now = 0;
  for (int round = 0; round < 3; ++round) {
    const lease taken = ask(here.store(), request_class::get, limits, at_second(now));
    REQUIRE(taken.slot);
    release(here.store(), taken, at_second(now));
    const lease early = ask(here.store(), request_class::get, limits, at_second(now));
    CHECK_FALSE(early.slot);
    CHECK(early.not_before >= at_second(now + 10.01));
    now += 10.01;
  }
  const lease none = ask(here.store(), request_class::get, limits, at_second(now));
  CHECK_FALSE(none.slot);
  CHECK(none.not_before == at_second(60.06));
}

TEST_CASE_TEMPLATE("slots: classes do not take each other's room, and no limit is no limit", place,
                   on_disk, in_memory) {
  bench<place> here;
  for (int round = 0; round < 2; ++round) {
    ask(here.store(), request_class::get, two_in_ten, at_second(1));
  }
  CHECK_FALSE(ask(here.store(), request_class::get, two_in_ten, at_second(1)).slot);
  CHECK(ask(here.store(), request_class::patch, two_in_ten, at_second(1)).slot);
  CHECK(ask(here.store(), request_class::token, two_in_ten, at_second(1)).slot);
  CHECK(ask(here.store(), request_class::get, {}, at_second(1)).slot);
}

TEST_CASE_TEMPLATE("slots: a refused lease leaves no doubt behind", place, on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("a"))});
  lease_request asked;
  asked.kind = request_class::patch;
  asked.limits = {{1, at_second(10)}};
  ask(here.store(), request_class::patch, asked.limits, at_second(1));
  asked.job = job;
  asked.key = "1";
  asked.fields = {"email"};
  CHECK_FALSE(std::get<lease>(here.commit(asked)).slot);
  CHECK_FALSE(here.customer("1").in_doubt);
}

TEST_CASE_TEMPLATE("slots: the settle of a PATCH releases its slot", place, on_disk, in_memory) {
  bench<place> here;
  here.admitted({row("1", 2, email("a"))});
  here.applied("1");
  CHECK(here->slots_held(request_class::patch, at_second(60), at_second(61)) == 1);
  CHECK(here->slots_held(request_class::patch, at_second(60), at_second(62)) == 0);
  CHECK(here->slots_held(request_class::get, at_second(60), at_second(61)) == 0);
}

TEST_CASE_TEMPLATE("slots: many commits forget old slots and none that a window still counts",
                   place, on_disk, in_memory) {
  bench<place> here;
  const window_limits hour{{600, std::chrono::hours(1)}};
  for (int round = 0; round < 600; ++round) {
    const lease taken = ask(here.store(), request_class::get, hour, at_second(round));
    REQUIRE(taken.slot);
    release(here.store(), taken, at_second(round));
  }
  for (int round = 0; round < 600; ++round) {
    ask(here.store(), request_class::token, {}, at_second(3500));
  }
  CHECK_FALSE(ask(here.store(), request_class::get, hour, at_second(3600)).slot);
  CHECK(ask(here.store(), request_class::get, hour, at_second(3604)).slot);
}

TEST_CASE("slots: two stores on one file share the windows") {
  const temp_folder folder;
  const auto one = open_store(folder.path() / "state.db", "one");
  const auto two = open_store(folder.path() / "state.db", "two");
  CHECK(ask(*one, request_class::patch, two_in_ten, at_second(1)).slot);
  CHECK(ask(*two, request_class::patch, two_in_ten, at_second(1)).slot);
  CHECK_FALSE(ask(*one, request_class::patch, two_in_ten, at_second(500)).slot);
  CHECK_FALSE(ask(*two, request_class::patch, two_in_ten, at_second(500)).slot);
}

TEST_CASE("slots: leases of a dead process count as sent a second after they are found") {
  const temp_folder folder;
  const auto file = folder.path() / "state.db";
  {
    const auto dead = open_store(file, "dead");
    CHECK(ask(*dead, request_class::patch, two_in_ten, at_second(1)).slot);
    CHECK(ask(*dead, request_class::patch, two_in_ten, at_second(1)).slot);
  }
  SUBCASE("at opening") {
    const auto next = open_store(file, "next", at_second(100));
    CHECK_FALSE(ask(*next, request_class::patch, two_in_ten, at_second(111)).slot);
    CHECK(ask(*next, request_class::patch, two_in_ten, at_second(111.01)).slot);
  }
  SUBCASE("not those of a process that runs") {
    const auto next = open_store(file, "next", at_second(1));
    const auto other = open_store(file, "other", at_second(1));
    CHECK(ask(*next, request_class::get, two_in_ten, at_second(1)).slot);
    CHECK(ask(*next, request_class::get, two_in_ten, at_second(1)).slot);
    CHECK_FALSE(ask(*other, request_class::get, two_in_ten, at_second(900)).slot);
    other->recover(at_second(900), at_second(30));
    CHECK_FALSE(ask(*other, request_class::get, two_in_ten, at_second(999)).slot);
  }
}

TEST_CASE("slots: one that dies while others wait is found by the next who asks") {
  const temp_folder folder;
  const auto file = folder.path() / "state.db";
  const auto waiting = open_store(file, "waiting");
  {
    const auto dead = open_store(file, "dead");
    ask(*dead, request_class::patch, two_in_ten, at_second(1));
    ask(*dead, request_class::patch, two_in_ten, at_second(1));
  }
  const lease none = ask(*waiting, request_class::patch, two_in_ten, at_second(100));
  CHECK_FALSE(none.slot);
  CHECK(none.not_before == at_second(111.01));
  CHECK(ask(*waiting, request_class::patch, two_in_ten, at_second(111.01)).slot);
}

TEST_CASE("slots: another boot means full windows from its first moment on") {
  const temp_folder folder;
  const auto file = folder.path() / "state.db";
  double stamp = 0;
  SUBCASE("the clock is far behind the old stamps") {
    stamp = 90'000;
  }
  SUBCASE("the clock is far ahead of the old stamps") {
    stamp = 1;
  }
  {
    const auto before = open_store(file, "one", at_second(stamp));
    for (int round = 0; round < 2; ++round) {
      const lease ended = ask(*before, request_class::patch, two_in_ten, at_second(stamp));
      release(*before, ended, at_second(stamp));
    }
    ask(*before, request_class::get, two_in_ten, at_second(stamp));
    ask(*before, request_class::get, two_in_ten, at_second(stamp));
  }
  sqlite_options options;
  options.path = file;
  options.boot_id = "boot-2";
  options.process = "two";
  options.process_alive = [](const std::string&) { return true; };  // a number used again
  sqlite_store after(options, at_second(500));
  for (const request_class kind : {request_class::patch, request_class::get}) {
    const lease none = ask(after, kind, two_in_ten, at_second(510));
    CHECK_FALSE(none.slot);
    CHECK(none.not_before == at_second(510.01));
    CHECK(ask(after, kind, two_in_ten, at_second(510.01)).slot);
  }
}

/// What one process did, as seen by the clock that all share.
struct sent {
  std::int64_t leased = 0;
  std::int64_t released = 0;
};

constexpr int processes = 4;
constexpr int requests_each = 30;

struct shared_page {
  std::atomic<std::int64_t> clock{0};
  std::array<std::array<sent, requests_each>, processes> log{};
};

/// A process of its own with its own connection; every look at the clock moves it on.
[[noreturn]] void send_all(shared_page& page, const std::filesystem::path& file, int who) {
  const window_limits limits{{5, milliseconds(40)}, {12, milliseconds(200)}};
  const auto tick = [&page] { return instant(milliseconds(page.clock.fetch_add(1) + 1)); };
  const auto store = open_store(file, "p" + std::to_string(who), tick());
  for (sent& one : page.log.at(static_cast<std::size_t>(who))) {
    lease taken;
    while (!taken.slot) taken = ask(*store, request_class::patch, limits, tick());
    one.leased = page.clock.load();
    one.released = one.leased + 1;
    release(*store, taken, tick());
  }
  ::_exit(0);
}

TEST_CASE("slots: processes that share a file never exceed a limit together") {
  const temp_folder folder;
  const auto file = folder.path() / "state.db";
  void* memory = ::mmap(nullptr, sizeof(shared_page), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  auto* page = new (memory) shared_page;
  std::vector<pid_t> children;
  for (int who = 0; who < processes; ++who) {
    const pid_t child = ::fork();
    if (child == 0) send_all(*page, file, who);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  std::vector<sent> all;
  for (const auto& one : page->log) all.insert(all.end(), one.begin(), one.end());
  const auto most_in = [&all](std::int64_t per) {
    std::int64_t most = 0;
    for (const sent& last : all) {
      const auto inside = [&last, per](const sent& one) {
        return one.leased <= last.leased && one.leased > last.leased - per;
      };
      most = std::max<std::int64_t>(most, std::count_if(all.begin(), all.end(), inside));
    }
    return most;
  };
  CHECK(most_in(40) <= 5);
  CHECK(most_in(200) <= 12);
  CHECK(most_in(200) >= 6);  // or the test shows nothing
  ::munmap(memory, sizeof(shared_page));
}

}  // namespace
}  // namespace patchbay::testing
