// Single troubles on an otherwise quiet day, each with what it must not lead to.
#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/seed.hpp"
#include "storm.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int many = 40;

scenario quiet_day() {
  scenario told = make_quiet_scenario(many);
  told.config.api.sessions = 4;
  told.config.api.request_timeout = seconds(5);
  told.config.api.retry = {};
  told.config.api.average = window_limit{200, minutes(1)};
  told.config.api.burst = window_limit{50, seconds(10)};
  told.api.limits = window_limits{*told.config.api.average, *told.config.api.burst};
  return told;
}

outage down(std::optional<request_class> only, outage::way how, nanoseconds length) {
  return {.from = seconds(2), .until = seconds(2) + length, .only = only, .how = how};
}

/// The storm's own rules hold; when the last customer was settled.
instant play(scenario told) {
  told.storm_ends = std::max<instant>(told.storm_ends, minutes(10));
  for (const outage& one : told.outages) {
    told.storm_ends = std::max<instant>(told.storm_ends, one.until + minutes(15));
  }
  instant last{0};
  try {
    storm one(std::move(told));
    one.pass();
    for (const std::string& objection : one.found()) FAIL_CHECK(objection);
    for (const event& each : one.told()) {
      if (each.what == happening::rests) last = each.at;
    }
  } catch (const std::exception& ended) {
    FAIL_CHECK(ended.what());
  }
  mend_disk();
  return last;
}

void play_outages(std::optional<request_class> only) {
  for (const bool as_daemon : {false, true}) {
    for (const outage::way how : {outage::way::refused, outage::way::silent, outage::way::reset,
                                  outage::way::unavailable}) {
      CAPTURE(as_daemon);
      CAPTURE(static_cast<int>(how));
      scenario told = quiet_day();
      told.as_daemon = as_daemon;
      told.outages = {down(only, how, hours(1))};
      CHECK(play(told) < told.outages.front().until + minutes(12));
    }
  }
}

}  // namespace

TEST_CASE(
    "outage: an API that answers nobody for an hour is probed slowly, and no record is to blame") {
  play_outages(std::nullopt);
}

TEST_CASE("outage: reads alone that nobody answers are probed slowly, too") {
  play_outages(request_class::get);
}

TEST_CASE(
    "outage: PATCHes alone that nobody answers are probed slowly, and no record is to blame") {
  play_outages(request_class::patch);
}

TEST_CASE("outage: a token endpoint that answers nobody is asked slowly") {
  play_outages(request_class::token);
}

/// The first process is killed once the drop is admitted: the next has nothing to do but to
/// deliver, and its first request is for a token.
TEST_CASE("drain: who is told to end while his first token is on its way ends at once") {
  for (int steps = 0; steps < 40; ++steps) {
    CAPTURE(steps);
    scenario told = quiet_day();
    told.slow_disk = milliseconds(2);
    planned_kill once;
    once.at = milliseconds(3'000);
    once.down = seconds(1);
    planned_kill ends;
    ends.at_token = 2;
    ends.steps = steps;
    ends.drained = true;
    told.kills = {once, ends};
    play(std::move(told));
  }
}

TEST_CASE("metadata: reads that take longer than a read is good for do not go round in circles") {
  scenario told = quiet_day();
  told.net.slow_reads = 1;
  told.net.slow_by = milliseconds(2'500);
  storm one(told);
  one.pass();
  for (const std::string& objection : one.found()) FAIL_CHECK(objection);
  // A pass says that nothing can be merged, and ends; the next one comes a minute later.
  CHECK(one.tries().size() < 300);
}

TEST_CASE("retries: two records that the API never takes do not hold up the others") {
  scenario told = quiet_day();
  for (const int customer : {1, 2}) {
    twin::fault_rule rule;
    rule.kind = twin::fault_kind::html_500;
    rule.only = request_class::patch;
    rule.customer = key_of(customer);
    told.faults.push_back(rule);
  }
  told.storm_ends = minutes(20);
  storm one(told);
  one.pass();
  for (const std::string& objection : one.found()) FAIL_CHECK(objection);
  const auto settled = std::count_if(one.told().begin(), one.told().end(), [](const event& each) {
    return each.what == happening::rests && each.at < minutes(1);
  });
  CHECK(settled == many - 2);
  const auto soon = [](const told_letter& letter) { return letter.at < minutes(5); };
  CHECK(std::count_if(one.letters().begin(), one.letters().end(), soon) >= 2);
}

/// Something between repeats a request: of one copy we hear that it is locked, the other is
/// applied.
TEST_CASE(
    "in doubt: who is told 409 or 423 and takes it back finds what was applied all the same") {
  for (const auto kind : {twin::fault_kind::locked_423, twin::fault_kind::conflict_409}) {
    CAPTURE(twin::name_of(kind));
    scenario told = quiet_day();
    told.config.api.retry.attempts = 1;
    twin::fault_rule rule;
    rule.kind = kind;
    rule.only = request_class::patch;
    rule.times = many;
    rule.applied = true;
    told.faults.push_back(rule);
    erp_drop back = told.drops.front();
    back.at = seconds(30);
    back.file = "drop-102.csv";
    const twin::roster known = twin::generated_roster(many);
    for (int customer = 1; customer <= many; ++customer) {
      const twin::customer before =
          twin::generated_customer(static_cast<std::uint64_t>(customer), known);
      drop_row& row = back.rows[static_cast<std::size_t>(customer - 1)];
      row.cells["email"] = plain_text(before.email);
      row.cells["segment"] = plain_text(*metadata_at(before.metadata.json, {"segment"}));
    }
    told.drops.push_back(std::move(back));
    play(std::move(told));
  }
}

TEST_CASE("neighbour: who gets nothing but 429s asks ever more slowly") {
  for (const request_class kind : {request_class::patch, request_class::get}) {
    CAPTURE(static_cast<int>(kind));
    scenario told = quiet_day();
    told.others_spend = true;
    told.neighbours = {
        {.from = seconds(1), .until = minutes(8), .kind = kind, .every = milliseconds(100)}};
    told.storm_ends = minutes(20);
    play(std::move(told));
  }
}

/// The burst window is never shown, and a refused request counts, too.
TEST_CASE("neighbour: who is left next to nothing of the burst asks ever more slowly") {
  for (const int left : {1, 2, 4}) {
    CAPTURE(left);
    scenario told = quiet_day();
    told.api.refused_count = true;
    (*told.api.limits)[1].requests = left;
    told.others_spend = true;
    told.storm_ends = minutes(20);
    play(std::move(told));
  }
}

scenario circle_day() {
  scenario told = quiet_day();
  told.strict = true;
  const std::vector<std::pair<int, int>> gets{{1, 2}, {2, 3}, {3, 1}};
  const twin::roster known = twin::generated_roster(3);
  for (const auto& [customer, other] : gets) {
    const twin::customer holder =
        twin::generated_customer(static_cast<std::uint64_t>(other), known);
    told.drops.front().rows[static_cast<std::size_t>(customer - 1)].cells["email"] =
        plain_text(holder.email);
  }
  return told;
}

TEST_CASE("circle: all its members are told that they wait for one another") {
  play(circle_day());
}

TEST_CASE("circle: who is tried again alone is still told that he waits in one") {
  scenario told = circle_day();
  command one;
  one.at = minutes(4);
  one.kind = request_kind::retry_dead;
  one.subject = key_of(1);
  told.commands = {one};
  play(std::move(told));
}

}  // namespace patchbay::sim
