#include "patchbay/policy/dispatch.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "patchbay/policy/retry.hpp"

using namespace patchbay;
using std::chrono::seconds;

namespace {

/// The jobs "a" and "b", of which everything is loaded.
dispatch fed(dispatch_options options = {}, std::optional<instant> deadline = {}) {
  dispatch made(std::move(options));
  for (const std::string job : {"a", "b"}) {
    made.open(job, deadline);
    const step first = made.next(seconds(0));
    REQUIRE(std::holds_alternative<load_more>(first));
    CHECK(std::get<load_more>(first).job == job);
    made.loaded(job, false);
  }
  return made;
}

}  // namespace

TEST_CASE("dispatch: one id is never in flight twice") {
  dispatch plan = fed();
  plan.add(1, "a", "id", need::patch, instant(0));
  plan.add(2, "b", "id", need::patch, instant(0));
  const step first = plan.next(seconds(1));
  REQUIRE(std::holds_alternative<send_patch>(first));
  CHECK(std::get<send_patch>(first).which == 1);
  CHECK(std::holds_alternative<wait_for>(plan.next(seconds(1))));
  plan.finish(1);
  const step second = plan.next(seconds(1));
  REQUIRE(std::holds_alternative<send_patch>(second));
  CHECK(std::get<send_patch>(second).which == 2);
}

TEST_CASE("dispatch: a denied window is asked again when it opens") {
  dispatch plan = fed();
  plan.add(1, "a", "id", need::patch, instant(0));
  REQUIRE(std::holds_alternative<send_patch>(plan.next(seconds(1))));
  plan.gate_of(request_class::patch).denied(seconds(9), seconds(1));
  plan.again(1, need::patch, seconds(1));
  const step waiting = plan.next(seconds(2));
  REQUIRE(std::holds_alternative<wait_for>(waiting));
  CHECK(std::get<wait_for>(waiting).until == instant(seconds(9)));
  CHECK(std::holds_alternative<send_patch>(plan.next(seconds(9))));
}

TEST_CASE("dispatch: the 429s of requests that were under way together are one refusal") {
  dispatch plan = fed();
  for (ticket one = 1; one <= 8; ++one) {
    plan.add(one, "a", "id" + std::to_string(one), need::patch, instant(0));
    REQUIRE(std::holds_alternative<send_patch>(plan.next(seconds(1))));
  }
  for (ticket one = 1; one <= 8; ++one) {
    plan.gate_of(request_class::patch).throttled(nanoseconds(0), seconds(1));
    plan.again(one, need::patch, seconds(1));
  }
  CHECK(*std::get<wait_for>(plan.next(seconds(1))).until <= instant(seconds(3)));
}

TEST_CASE("dispatch: Retry-After 0 is no hot loop") {
  dispatch plan = fed();
  plan.add(1, "a", "id", need::patch, instant(0));
  instant now = seconds(1);
  instant last_pause{0};
  for (int i = 0; i < 8; ++i) {
    REQUIRE(std::holds_alternative<send_patch>(plan.next(now)));
    plan.gate_of(request_class::patch).throttled(nanoseconds(0), now);
    plan.again(1, need::patch, now);
    const step waiting = plan.next(now);
    REQUIRE(std::holds_alternative<wait_for>(waiting));
    const instant until = *std::get<wait_for>(waiting).until;
    CHECK(until - now >= last_pause);
    CHECK(until - now >= seconds(1));
    CHECK(until - now <= seconds(60));
    last_pause = until - now;
    now = until;
  }
  CHECK(last_pause == seconds(60));
}

TEST_CASE("dispatch: a Retry-After of hours does not end the night") {
  dispatch plan = fed();
  plan.add(1, "a", "id", need::patch, instant(0));
  REQUIRE(std::holds_alternative<send_patch>(plan.next(seconds(1))));
  plan.gate_of(request_class::patch).throttled(nanoseconds(std::chrono::hours(12)), seconds(1));
  plan.again(1, need::patch, seconds(1));
  const step waiting = plan.next(seconds(1));
  REQUIRE(std::holds_alternative<wait_for>(waiting));
  CHECK(*std::get<wait_for>(waiting).until == instant(seconds(1) + std::chrono::minutes(10)));
}

TEST_CASE("dispatch: metadata is read in batches and again when it is older than two seconds") {
  dispatch plan = fed();
  plan.add(1, "a", "id1", need::metadata_patch, instant(0));
  plan.add(2, "a", "id2", need::metadata_patch, instant(0));
  plan.add(3, "b", "id3", need::metadata_patch, instant(0));
  const step read = plan.next(seconds(1));
  REQUIRE(std::holds_alternative<read_metadata>(read));
  CHECK(std::get<read_metadata>(read).which == std::vector<ticket>{1, 2});
  plan.on_read({1, 2}, seconds(1), seconds(1));
  CHECK(std::holds_alternative<send_patch>(plan.next(seconds(2))));
  const step other = plan.next(seconds(4));
  CHECK(std::get<read_metadata>(other).which == std::vector<ticket>{3});
  const step stale = plan.next(seconds(4));
  REQUIRE(std::holds_alternative<read_metadata>(stale));
  CHECK(std::get<read_metadata>(stale).which == std::vector<ticket>{2});
}

TEST_CASE("dispatch: attempts are used up by answers that concern the record") {
  dispatch_options options;
  options.retry.attempts = 3;
  dispatch plan = fed(options);
  plan.add(1, "a", "id", need::patch, instant(0));
  instant now = seconds(1);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(std::holds_alternative<send_patch>(plan.next(now)));
    CHECK(plan.retry(1, now));
    now += seconds(100);
  }
  REQUIRE(std::holds_alternative<send_patch>(plan.next(now)));
  CHECK_FALSE(plan.retry(1, now));
}

TEST_CASE("dispatch: draining starts nothing new and ends when all have landed") {
  dispatch plan = fed();
  plan.add(1, "a", "id1", need::patch, instant(0));
  plan.add(2, "a", "id2", need::patch, instant(0));
  REQUIRE(std::holds_alternative<send_patch>(plan.next(seconds(1))));
  plan.drain();
  CHECK(std::holds_alternative<wait_for>(plan.next(seconds(1))));
  plan.finish(1);
  CHECK(std::holds_alternative<all_done>(plan.next(seconds(1))));
}

TEST_CASE("dispatch: nothing is started after the deadline") {
  dispatch plan = fed({}, seconds(10));
  plan.add(1, "a", "id1", need::patch, seconds(20));
  const step waiting = plan.next(seconds(9));
  REQUIRE(std::holds_alternative<wait_for>(waiting));
  CHECK(std::get<wait_for>(waiting).until == instant(seconds(10)));
  CHECK(std::holds_alternative<all_done>(plan.next(seconds(10))));
}

TEST_CASE("retry: the pause grows to its cap and is never longer") {
  const retry_spec spec;
  CHECK(back_off(1, spec, 0.999) < milliseconds(500));
  CHECK(back_off(4, spec, 0.999) > milliseconds(3900));
  CHECK(back_off(40, spec, 0.999) <= milliseconds(60'000));
  CHECK(back_off(3, spec, 0) == nanoseconds(0));
}

TEST_CASE("retry: a dead letter is due in the next run, then after 1, 2, 4 … 28 days") {
  const wall_time now{std::chrono::hours(1000)};
  CHECK(next_retry(1, now) - now < seconds(1));
  CHECK(next_retry(2, now) - now == std::chrono::days(1));
  CHECK(next_retry(3, now) - now == std::chrono::days(2));
  CHECK(next_retry(4, now) - now == std::chrono::days(4));
  CHECK(next_retry(9, now) - now == std::chrono::days(28));
  CHECK(next_retry(90, now) - now == std::chrono::days(28));
}

namespace {

dispatch_options patient(milliseconds base) {
  dispatch_options made;
  made.retry.base = base;
  return made;
}

/// A target that fails `failing` of ten requests, at 200 a minute; how many it got for `records`.
int requests_for(int records, int failing) {
  dispatch plan = fed(patient(milliseconds(500)));
  for (int i = 0; i < records; ++i) {
    plan.add(static_cast<ticket>(i), "a", "id" + std::to_string(i), need::patch, instant(0));
  }
  instant now = seconds(1);
  int requests = 0;
  while (now < std::chrono::hours(10)) {
    const step chosen = plan.next(now);
    if (std::holds_alternative<all_done>(chosen)) break;
    if (const auto* one = std::get_if<send_patch>(&chosen)) {
      now += milliseconds(300);
      plan.on_answer(one->which);
      const bool fails = requests++ % 10 < failing;
      if (!fails || !plan.retry(one->which, now)) plan.finish(one->which);
    } else {
      now = *std::get<wait_for>(chosen).until;
    }
  }
  return requests;
}

}  // namespace

TEST_CASE("dispatch: a target that fails half of what it is asked is not asked twice as often") {
  CHECK(requests_for(1'000, 0) == 1'000);
  CHECK(requests_for(1'000, 1) < 1'120);

  dispatch plan = fed(patient(milliseconds(1)));
  constexpr int records = 1'000;
  for (int i = 0; i < records; ++i) {
    plan.add(static_cast<ticket>(i), "a", "id" + std::to_string(i), need::patch,
             milliseconds(300) * i);
  }
  instant now = seconds(1);
  std::set<ticket> seen;
  int repeated = 0;
  while (seen.size() < records) {
    const step chosen = plan.next(now);
    now += milliseconds(300);
    const auto* const one = std::get_if<send_patch>(&chosen);
    if (one == nullptr) continue;
    if (!seen.insert(one->which).second) ++repeated;
    plan.on_answer(one->which);  // a 409 each time: an answer, and no success
    if (!plan.retry(one->which, now)) plan.finish(one->which);
  }
  // A fifth of 1,000, the ten saved at first, and one every five seconds of the 300 and more.
  CHECK(repeated > 200);
  CHECK(repeated < 320);
}

namespace {

/// How many PATCHes each job got of `steps`, one after the other.
std::map<char, int> served(dispatch& plan, int steps, instant now) {
  std::map<char, int> found;
  for (int i = 0; i < steps; ++i) {
    const step chosen = plan.next(now);
    const auto* const one = std::get_if<send_patch>(&chosen);
    REQUIRE(one != nullptr);
    ++found[one->which < 10'000 ? 'a' : 'b'];
    plan.finish(one->which);
  }
  return found;
}

void fill(dispatch& plan, const std::string& job, ticket first, int customers,
          need what = need::patch) {
  for (int i = 0; i < customers; ++i) {
    const ticket which = first + static_cast<ticket>(i);
    plan.add(which, job, "id" + std::to_string(which), what, instant(0));
  }
}

}  // namespace

TEST_CASE("dispatch: ten changes of one job do not wait behind the thousands of another") {
  dispatch plan = fed();
  fill(plan, "a", 1, 1'000);
  CHECK(served(plan, 100, seconds(1))['a'] == 100);
  fill(plan, "b", 10'000, 10);
  // It comes late, and owes nothing for it: in turn with the other.
  CHECK(served(plan, 20, seconds(2))['b'] == 10);
  CHECK(served(plan, 20, seconds(3))['a'] == 20);
}

TEST_CASE("dispatch: a job that had nothing to send has saved up no turns") {
  dispatch plan = fed();
  fill(plan, "a", 1, 1'000);
  plan.add(10'000, "b", "late", need::patch, seconds(50));
  CHECK(served(plan, 300, seconds(1))['a'] == 300);
  fill(plan, "b", 10'001, 299);
  CHECK(served(plan, 100, seconds(60))['b'] == 50);
}

TEST_CASE("dispatch: a turn whose window was full is still to come") {
  dispatch plan = fed();
  fill(plan, "a", 1, 100);
  fill(plan, "b", 10'000, 100);
  std::map<char, int> left;
  for (int i = 0; i < 40; ++i) {
    // Two ask at once, and the second finds the window full, each time.
    const ticket first = std::get<send_patch>(plan.next(seconds(1))).which;
    const ticket second = std::get<send_patch>(plan.next(seconds(1))).which;
    ++left[first < 10'000 ? 'a' : 'b'];
    plan.finish(first);
    plan.again(second, need::patch, seconds(1));
  }
  CHECK(left['a'] == 20);
}

TEST_CASE("dispatch: jobs share what may be read ahead") {
  dispatch_options options;
  options.metadata_ahead = 10;
  dispatch plan = fed(options);
  fill(plan, "a", 1, 100, need::metadata_patch);
  fill(plan, "b", 10'000, 100, need::metadata_patch);
  const step first = plan.next(seconds(1));
  const step second = plan.next(seconds(1));
  REQUIRE(std::holds_alternative<read_metadata>(first));
  REQUIRE(std::holds_alternative<read_metadata>(second));
  CHECK(std::get<read_metadata>(first).which.size() == 5);
  CHECK(std::get<read_metadata>(second).which.front() >= 10'000);
}

TEST_CASE("dispatch: metadata that another job writes meanwhile is read again") {
  dispatch plan = fed();
  plan.add(1, "a", "id", need::metadata_patch, instant(0));
  plan.add(10'000, "b", "id", need::metadata_patch, instant(0));
  const instant opens = milliseconds(1'200);
  plan.gate_of(request_class::patch).denied(opens, seconds(1));
  for (int i = 0; i < 2; ++i) {
    const step read = plan.next(seconds(1));
    REQUIRE(std::holds_alternative<read_metadata>(read));
    plan.on_read(std::get<read_metadata>(read).which, seconds(1), seconds(1));
  }
  const step sent = plan.next(opens);
  REQUIRE(std::holds_alternative<send_patch>(sent));
  plan.finish(std::get<send_patch>(sent).which);
  CHECK(std::holds_alternative<read_metadata>(plan.next(opens)));
}

TEST_CASE("dispatch: a job past its deadline is finished while the other goes on") {
  dispatch plan(dispatch_options{});
  plan.open("a", seconds(10));
  plan.open("b", std::nullopt);
  CHECK(std::get<load_more>(plan.next(seconds(1))).job == "a");
  CHECK_FALSE(plan.finished("a", seconds(20)));  // somebody is loading
  plan.loaded("a", false);
  plan.loaded("b", false);
  plan.add(1, "a", "id1", need::patch, instant(0));
  plan.add(2, "a", "id2", need::patch, instant(0));
  plan.add(10'000, "b", "id3", need::patch, instant(0));
  REQUIRE(std::get<send_patch>(plan.next(seconds(9))).which == 1);
  CHECK_FALSE(plan.finished("a", seconds(10)));  // in flight
  plan.finish(1);
  CHECK(plan.finished("a", seconds(10)));
  CHECK_FALSE(plan.exhausted("a"));
  CHECK(plan.close("a") == std::vector<ticket>{2});
  CHECK(std::get<send_patch>(plan.next(seconds(11))).which == 10'000);
  plan.finish(10'000);
  CHECK(plan.exhausted("b"));
  CHECK(std::holds_alternative<all_done>(plan.next(seconds(11))));
}

TEST_CASE("dispatch: a job that is held starts nothing more, and only that one") {
  dispatch plan = fed();
  fill(plan, "a", 1, 3);
  fill(plan, "b", 10'000, 3);
  plan.hold("a");
  CHECK(plan.finished("a", seconds(1)));
  CHECK(served(plan, 3, seconds(1))['b'] == 3);
}
