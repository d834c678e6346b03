// The simulated clock and lane themselves.
#include <memory>
#include <stdexcept>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "patchbay/adapter/rehearsal/virtual_clock.hpp"
#include "patchbay/adapter/rehearsal/virtual_loop.hpp"
#include "patchbay/port/lane.hpp"
#include "slow_executor.hpp"

namespace patchbay::sim {
namespace {

namespace asio = boost::asio;
using std::chrono::hours;
using std::chrono::seconds;

struct bench {
  explicit bench(virtual_clock& world) : time(world) {}

  void run() {
    do {
      loop.restart();
      loop.poll();
    } while (time.advance());
    loop.restart();
    loop.poll();
  }
  void start(asio::awaitable<void> work) {
    asio::co_spawn(loop, std::move(work), [](const std::exception_ptr& failed) {
      if (failed) std::rethrow_exception(failed);
    });
  }

  virtual_clock& time;
  asio::io_context loop{1};
  std::string said;
};

asio::awaitable<void> wait_and_say(bench& at, alarm& bell, instant until, std::string word) {
  co_await bell.wait(until);
  at.said += word + '@' + std::to_string(at.time.now().count() / 1'000'000'000) + ' ';
}

asio::awaitable<void> ask_lane(bench& at, lane& where, std::string word) {
  auto call = [&at, &word] { at.said += word; };
  co_await where.run(call);
  at.said += '.';
}

/// What a coroutine works with: it must live when the coroutine goes.
struct workshop {
  explicit workshop(virtual_clock& world) : loop(world), bell(world.make_alarm()) {}
  ~workshop() { loop.abandon(); }
  virtual_loop loop;
  std::string said;
  std::unique_ptr<alarm> bell;
};

struct leaver {
  workshop& where;
  ~leaver() { where.said += "left "; }
};

asio::awaitable<void> wait_for_ever(workshop& at) {
  const leaver here{at};
  co_await at.bell->wait(instant::max());
}

asio::awaitable<void> fail_beside_one_who_waits(workshop& at) {
  asio::co_spawn(at.loop.executor(), wait_for_ever(at), [](const std::exception_ptr&) {});
  co_await asio::post(at.loop.executor(), asio::use_awaitable);
  throw std::runtime_error("the disk is gone");
}

}  // namespace

TEST_CASE("clock: waiting for hours takes no time, and the earlier alarm ends first") {
  virtual_clock world(instant(0));
  bench at(world);
  const auto late = at.time.make_alarm();
  const auto early = at.time.make_alarm();
  at.start(wait_and_say(at, *late, hours(2), "late"));
  at.start(wait_and_say(at, *early, seconds(5), "early"));
  at.run();
  CHECK(at.said == "early@5 late@7200 ");
}

TEST_CASE("clock: a ring ends a wait at once, and is remembered when nobody waits") {
  virtual_clock world(instant(0));
  bench at(world);
  const auto rung_later = at.time.make_alarm();
  const auto rung_before = at.time.make_alarm();
  rung_before->ring();
  at.start(wait_and_say(at, *rung_later, instant::max(), "later"));
  at.start(wait_and_say(at, *rung_before, hours(1), "before"));
  at.time.at(seconds(3), [&rung_later] { rung_later->ring(); });
  at.run();
  CHECK(at.said == "before@0 later@3 ");
}

TEST_CASE("clock: a lane does one call after the other, and takes time for each") {
  virtual_clock world(instant(0));
  bench at(world);
  slow_disk disk(at.loop, at.time, 7, seconds(9));
  lane where{asio::any_io_executor(slow_executor(disk))};
  at.start(ask_lane(at, where, "a"));
  at.start(ask_lane(at, where, "b"));
  at.run();
  CHECK(at.said == "a.b.");
  CHECK(at.time.now() > seconds(0));
}

TEST_CASE("clock: what waits on a lane or an alarm is forgotten with its engine") {
  virtual_clock world(instant(0));
  std::string said;
  {
    bench at(world);
    slow_disk disk(at.loop, at.time, 7, seconds(9));
    lane where{asio::any_io_executor(slow_executor(disk))};
    const auto bell = at.time.make_alarm();
    at.start(wait_and_say(at, *bell, hours(1), "never"));
    at.start(ask_lane(at, where, "never"));
    at.loop.poll();
    world.abandon_waiters();
    said = at.said;
  }
  while (world.advance()) {
  }
  CHECK(said.empty());
}

TEST_CASE("loop: when the work throws, who still waits goes before what he works with") {
  virtual_clock world(instant(0));
  auto at = std::make_unique<workshop>(world);
  CHECK_THROWS_WITH(at->loop.play(fail_beside_one_who_waits(*at)), "the disk is gone");
  CHECK(at->said.empty());
  at->loop.abandon();
  CHECK(at->said == "left ");
}

TEST_CASE("loop: when everybody waits for ever it says so, and lets them go") {
  virtual_clock world(instant(0));
  auto at = std::make_unique<workshop>(world);
  CHECK_THROWS_AS(at->loop.play(wait_for_ever(*at)), std::logic_error);
  at->loop.abandon();
  CHECK(at->said == "left ");
}

}  // namespace patchbay::sim
