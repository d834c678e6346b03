// What dispatch does when the target is sick: answers nobody, fails for some, refuses for now.
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "patchbay/policy/dispatch.hpp"

using namespace patchbay;
using std::chrono::seconds;

namespace {

dispatch fed(dispatch_options options = {}) {
  dispatch made(std::move(options));
  made.open("a", std::nullopt);
  CHECK(std::holds_alternative<load_more>(made.next(seconds(0))));
  made.loaded("a", false);
  return made;
}

ticket sent_by(const step& chosen) {
  REQUIRE(std::holds_alternative<send_patch>(chosen));
  return std::get<send_patch>(chosen).which;
}

void add_many(dispatch& plan, ticket first, ticket last) {
  for (ticket i = first; i <= last; ++i) {
    plan.add(i, "a", "id" + std::to_string(i), need::patch, instant(0));
  }
}

}  // namespace

TEST_CASE("dispatch: when nobody is answered the breaker probes slowly, one at a time") {
  dispatch plan = fed();
  add_many(plan, 1, 20);
  instant now = seconds(1);
  const gate& patches = plan.gate_of(request_class::patch);
  for (ticket i = 1; i <= 8; ++i) {
    CHECK_FALSE(patches.circuit().open());
    const ticket which = sent_by(plan.next(now));
    plan.on_failure(now, true, which);
    CHECK(plan.retry(which, now));
  }
  CHECK(patches.circuit().open());
  CHECK(patches.circuit().probe_at() == now + seconds(6));
  CHECK(std::holds_alternative<wait_for>(plan.next(now + milliseconds(5'999))));
  now += seconds(6);
  // The freshest of all: bad ones at the front must not hold up the others.
  const ticket probe = sent_by(plan.next(now));
  CHECK(probe == 20);
  CHECK(std::holds_alternative<wait_for>(plan.next(now)));
  plan.on_failure(now, true, probe);
  CHECK_FALSE(plan.on_last_try(probe));
  CHECK(plan.retry(probe, now));
  CHECK(std::holds_alternative<wait_for>(plan.next(now + milliseconds(11'999))));
  const ticket next = sent_by(plan.next(now + seconds(12)));
  CHECK(next != probe);
  plan.on_answer(next);
  CHECK_FALSE(patches.circuit().open());
}

TEST_CASE("dispatch: an outage dead-letters nobody, also where one record alone is pending") {
  dispatch plan = fed();
  add_many(plan, 1, 1);
  instant now = seconds(1);
  for (int i = 0; i < 50; ++i) {
    const step chosen = plan.next(now);
    if (const auto* waiting = std::get_if<wait_for>(&chosen)) {
      now = *waiting->until;
      continue;
    }
    const ticket which = sent_by(chosen);
    plan.on_failure(now, true, which);
    CHECK_FALSE(plan.on_last_try(which));
    CHECK(plan.retry(which, now));
  }
  CHECK(plan.gate_of(request_class::patch).circuit().open());
}

TEST_CASE(
    "dispatch: an answer to what left before a record began to fail does not blame the record") {
  dispatch plan = fed();
  add_many(plan, 1, 2);
  instant now = seconds(1);
  const ticket fails = sent_by(plan.next(now));
  const ticket late = sent_by(plan.next(now));
  for (int i = 0; i < 20; ++i) {
    now += milliseconds(100);
    plan.on_failure(now, true, fails);
    CHECK_FALSE(plan.on_last_try(fails));
    if (i == 0) {
      plan.on_answer(late);
      plan.finish(late);
    }
    CHECK(plan.retry(fails, now));
    for (step chosen = plan.next(now); !std::holds_alternative<send_patch>(chosen);) {
      now = *std::get<wait_for>(chosen).until;
      chosen = plan.next(now);
    }
  }
  CHECK(plan.gate_of(request_class::patch).circuit().open());
}

TEST_CASE(
    "dispatch: records that fail while others are answered are to blame, and open no breaker") {
  dispatch plan = fed();
  add_many(plan, 1, 10);
  instant now = seconds(1);
  std::set<ticket> blamed;
  while (true) {
    const step chosen = plan.next(now);
    if (std::holds_alternative<all_done>(chosen)) break;
    if (const auto* waiting = std::get_if<wait_for>(&chosen)) {
      now = *waiting->until;
      continue;
    }
    const ticket which = sent_by(chosen);
    now += milliseconds(100);
    if (which > 2) {
      plan.on_answer(which);
      plan.finish(which);
      continue;
    }
    plan.on_failure(now, true, which);
    CHECK_FALSE(plan.gate_of(request_class::patch).circuit().open());
    if (plan.on_last_try(which)) blamed.insert(which);
    if (!plan.retry(which, now)) plan.finish(which);
  }
  CHECK(blamed == std::set<ticket>{1, 2});
}

TEST_CASE(
    "dispatch: a record whose tries all left into an outage that then ended has one more try") {
  dispatch_options options;
  options.retry.attempts = 3;
  dispatch plan = fed(options);
  add_many(plan, 1, 1);
  instant now = seconds(1);
  const auto next_try = [&plan, &now] {
    step chosen = plan.next(now);
    while (const auto* waiting = std::get_if<wait_for>(&chosen)) {
      now = *waiting->until;
      chosen = plan.next(now);
    }
    return sent_by(chosen);
  };
  for (int i = 0; i < 2; ++i) {
    CHECK(next_try() == 1);
    plan.on_failure(now, true, 1);
    CHECK(plan.retry(1, now));
  }
  CHECK(next_try() == 1);
  add_many(plan, 2, 2);
  CHECK(next_try() == 2);
  plan.on_answer(2);
  plan.finish(2);
  plan.on_failure(now, true, 1);
  CHECK_FALSE(plan.on_last_try(1));
  CHECK_FALSE(plan.gate_of(request_class::patch).circuit().open());
  CHECK(plan.retry(1, now));
  CHECK(next_try() == 1);
  plan.on_failure(now, true, 1);
  CHECK(plan.on_last_try(1));
  CHECK_FALSE(plan.retry(1, now));
}

TEST_CASE("dispatch: of a single try there is no more than one, once others were answered") {
  dispatch_options options;
  options.retry.attempts = 1;
  dispatch plan = fed(options);
  add_many(plan, 1, 2);
  const ticket fails = sent_by(plan.next(seconds(1)));
  const ticket other = sent_by(plan.next(seconds(2)));
  plan.on_answer(other);
  plan.finish(other);
  plan.on_failure(seconds(3), true, fails);
  CHECK(plan.on_last_try(fails));
  CHECK_FALSE(plan.retry(fails, seconds(3)));
}

TEST_CASE("dispatch: records that wait for a repetition do not keep others from being loaded") {
  dispatch plan{dispatch_options()};
  plan.open("a", std::nullopt);
  instant now = seconds(1);
  ticket loaded = 0;
  std::set<ticket> sent;
  for (int i = 0; i < 3'000; ++i) {
    const step chosen = plan.next(now);
    if (std::holds_alternative<load_more>(chosen)) {
      add_many(plan, loaded + 1, loaded + 100);
      loaded += 100;
      plan.loaded("a", loaded < 500);
    } else if (const auto* one = std::get_if<send_patch>(&chosen)) {
      sent.insert(one->which);
      if (one->which <= 200) {  // 409: an answer, and no success
        plan.on_answer(one->which);
        if (!plan.retry(one->which, now)) plan.finish(one->which);
      } else {
        plan.on_answer(one->which);
        plan.finish(one->which);
      }
    } else if (const auto* waiting = std::get_if<wait_for>(&chosen)) {
      now = *waiting->until;
    }
    if (sent.size() == 500) break;
  }
  CHECK(sent.size() == 500);
  CHECK(now < instant(seconds(60)));
}

TEST_CASE("dispatch: reads that are answered say nothing of PATCHes that are not") {
  dispatch plan = fed();
  add_many(plan, 1, 10);
  const instant now = seconds(1);
  for (ticket i = 1; i <= 8; ++i) {
    const ticket which = sent_by(plan.next(now));
    plan.on_failure(now, true, which);
    CHECK(plan.retry(which, now));
    plan.gate_of(request_class::get).answered(now);
  }
  CHECK(plan.gate_of(request_class::patch).circuit().open());
  CHECK_FALSE(plan.gate_of(request_class::get).circuit().open());
}

TEST_CASE("dispatch: a failed read pauses its customers, more and more, and spends no attempt") {
  dispatch plan = fed();
  plan.add(1, "a", "id1", need::metadata_patch, instant(0));
  instant now = seconds(1);
  int reads = 0;
  while (now < std::chrono::hours(2)) {
    const step chosen = plan.next(now);
    if (const auto* one = std::get_if<read_metadata>(&chosen)) {
      ++reads;
      plan.gate_of(request_class::get).failed(now, true);
      plan.not_read(one->which, now);
      continue;
    }
    REQUIRE(std::holds_alternative<wait_for>(chosen));
    now = *std::get<wait_for>(chosen).until;
  }
  CHECK(plan.gate_of(request_class::get).circuit().open());
  CHECK(reads > 15);
  CHECK(reads < 30);
}

TEST_CASE(
    "dispatch: reads that take longer than they are good for are made smaller, then given up") {
  dispatch plan = fed();
  for (ticket i = 1; i <= 3; ++i) {
    plan.add(i, "a", "id" + std::to_string(i), need::metadata_patch, instant(0));
  }
  instant now = seconds(1);
  std::vector<std::size_t> sizes;
  while (!plan.reads_too_slow()) {
    const step chosen = plan.next(now);
    REQUIRE(std::holds_alternative<read_metadata>(chosen));
    const std::vector<ticket> which = std::get<read_metadata>(chosen).which;
    sizes.push_back(which.size());
    plan.on_read(which, now, now + milliseconds(2'100));
    now += milliseconds(2'100);
  }
  CHECK(sizes == std::vector<std::size_t>{3, 3, 1, 1, 1, 1});
}

TEST_CASE("dispatch: 429s that say nothing remains are met with growing pauses") {
  dispatch plan = fed();
  add_many(plan, 1, 1);
  instant now = seconds(1);
  std::vector<instant> refused;
  while (now < seconds(200)) {
    const step chosen = plan.next(now);
    if (const auto* waiting = std::get_if<wait_for>(&chosen)) {
      now = *waiting->until;
      continue;
    }
    refused.push_back(now);
    plan.gate_of(request_class::patch)
        .quota({.pause = milliseconds(1'500), .single_file = true}, now);
    plan.gate_of(request_class::patch).throttled(nanoseconds(0), now);
    plan.again(1, need::patch, now);
  }
  CHECK(refused.size() < 10);
}

TEST_CASE("gate: after a 429 one request alone finds out whether there is room again") {
  gate one;
  instant now = seconds(1);
  one.left();
  one.throttled(std::nullopt, now);
  one.landed();
  CHECK(one.yields(now));
  now = *one.opens(now);
  CHECK(now == seconds(2));
  one.left();
  CHECK_FALSE(one.opens(now));
  CHECK_FALSE(one.shut(now));
  one.left();  // had a slot already
  CHECK(one.shut(now));
  one.landed();
  one.answered(now);
  CHECK(one.opens(now) == now);
  CHECK_FALSE(one.refused_since());
}

TEST_CASE(
    "gate: an answer to what had left before a 429 ends neither its pause nor the one alone") {
  gate one;
  one.left();
  one.left();
  one.throttled(std::nullopt, seconds(1));
  one.landed();
  one.answered(milliseconds(900));
  one.landed();
  CHECK(one.opens(seconds(1)) == seconds(2));
  one.left();
  CHECK_FALSE(one.opens(seconds(2)));
  one.throttled(std::nullopt, seconds(2));
  one.landed();
  CHECK(one.opens(seconds(2)) == seconds(4));
}

TEST_CASE("gate: after a silence 429 is no longer the only answer, and still one goes alone") {
  gate one;
  one.throttled(std::nullopt, seconds(1));
  CHECK(one.refused_since());
  one.failed(seconds(2), false);
  CHECK_FALSE(one.refused_since());
  one.left();
  CHECK_FALSE(one.opens(seconds(3)));
}
