// Signs of life of a thread: the real threads of a pool, a clock moved by hand.
#include "patchbay/adapter/system/lane_pulse.hpp"

#include <atomic>
#include <future>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include "patchbay/adapter/system/ticker.hpp"

using namespace patchbay;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr auto pulse_patience = 2min;
constexpr auto longest = 30min;

class hand_clock final : public patchbay::clock {
 public:
  instant now() const override { return at; }
  wall_time wall() const override { return {}; }
  std::unique_ptr<patchbay::alarm> make_alarm() override { return nullptr; }
  instant at{0};
};

struct bench {
  /// Until the pulse's question is answered.
  void answer() {
    loop.restart();
    while (loop.run_one_for(20s) == 0) loop.restart();
  }
  bool beats() { return pulse.beats(pulse_patience, longest); }

  asio::io_context loop;
  asio::thread_pool threads{1};
  lane asked{threads.get_executor()};
  hand_clock time;
  lane_pulse pulse{asked, loop, time, "rows"};
};

}  // namespace

TEST_CASE("pulse: a thread that answers beats, however long nobody asked") {
  bench one;
  for (int i = 0; i < 3; ++i) {
    CHECK(one.beats());
    one.answer();
    one.time.at += 1h;
  }
}

TEST_CASE("pulse: a thread that hangs has none after the patience, and again when it goes on") {
  bench one;
  std::promise<void> release;
  asio::post(one.threads, [wait = release.get_future().share()] { wait.wait(); });
  CHECK(one.beats());  // asks
  one.time.at += pulse_patience - 1s;
  CHECK(one.beats());
  one.time.at += 2s;
  CHECK_FALSE(one.beats());
  release.set_value();
  one.answer();
  CHECK(one.beats());
}

TEST_CASE("pulse: a thread that works beats without an answer, but not for ever") {
  bench one;
  CHECK(one.beats());
  one.answer();  // its CPU clock is known now
  std::atomic<bool> works = true;
  asio::post(one.threads, [&works] {
    while (works) continue;
  });
  CHECK(one.beats());
  for (int i = 0; i < 5; ++i) {
    one.time.at += pulse_patience;
    const auto begun = std::chrono::system_clock::now();
    while (!one.beats()) REQUIRE(std::chrono::system_clock::now() - begun < 20s);
  }
  one.time.at += longest;
  CHECK_FALSE(one.beats());
  works = false;
}

TEST_CASE("ticker: calls again and again until it is gone, also from within a call") {
  asio::io_context loop;
  int calls = 0;
  std::optional<ticker> one;
  one.emplace(loop, 1ms, [&] {
    if (++calls == 3) one.reset();
  });
  loop.run_for(20s);
  CHECK(loop.stopped());
  CHECK(calls == 3);
}
