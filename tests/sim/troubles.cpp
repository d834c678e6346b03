#include "troubles.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "erp.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// How often a storm has each of these.
constexpr struct {
  double outage = 0.06;
  double outage_of_reads = 0.03;
  double outage_of_patches = 0.03;
  double outage_of_tokens = 0.03;
  double token_faults = 0.3;
  double ends_in_token_request = 0.2;
  double slow_reads = 0.1;
  double neighbour = 0.1;
} often;

void add_fault(scenario& made, chance& luck, twin::fault_kind kind, double most) {
  if (luck.happens(0.5)) return;
  twin::fault_rule rule;
  rule.kind = kind;
  rule.probability = most * static_cast<double>(luck.between(1, 10)) / 10;
  rule.delay = made.late_by;
  rule.applied = luck.happens(0.5);
  if (kind == twin::fault_kind::conflict_409 || kind == twin::fault_kind::locked_423 ||
      kind == twin::fault_kind::throttled_429) {
    rule.applied = false;
    rule.only = request_class::patch;
  }
  if (kind == twin::fault_kind::not_applied) rule.field = "tax_exemption_code";
  if (kind == twin::fault_kind::slow) {
    rule.delay = luck.between(seconds(1), nanoseconds(made.config.api.request_timeout) * 2);
  }
  made.faults.push_back(std::move(rule));
}

void trouble(scenario& made, chance& luck) {
  using twin::fault_kind;
  const nanoseconds timeout = made.config.api.request_timeout;
  // The design's promise: what is applied late is applied within one time-out of its kill, or
  // within two of its sending.
  made.late_by = made.kills.empty() ? luck.between(timeout / 2, timeout * 19 / 10)
                                    : luck.between(timeout / 2, timeout * 95 / 100);
  for (const fault_kind kind :
       {fault_kind::reset_before, fault_kind::reset_after, fault_kind::reset_mid_body,
        fault_kind::never_answer, fault_kind::never_arrive, fault_kind::html_500,
        fault_kind::empty_502, fault_kind::empty_503, fault_kind::timeout_408,
        fault_kind::conflict_409, fault_kind::locked_423, fault_kind::throttled_429,
        fault_kind::no_rate_headers, fault_kind::not_applied, fault_kind::slow}) {
    add_fault(made, luck, kind, 0.06);
  }
  add_fault(made, luck, fault_kind::apply_late, 0.8);
  add_fault(made, luck, fault_kind::revoke_token, luck.happens(0.1) ? 0.3 : 0.01);
  add_fault(made, luck, fault_kind::lower_case_email, 2);
  if (luck.happens(0.3)) made.refused_text = luck.one_of(tax_codes());
  const auto share = [&luck] { return static_cast<double>(luck.between(0, 5)) / 100; };
  if (luck.happens(0.8)) {
    made.net = {.unsent = share(),
                .lost = share(),
                .cut_off = share(),
                .unheard = share(),
                .impatient = share() * 10,
                .doubled = luck.happens(0.2) ? share() : 0,
                .shuffled = luck.happens(0.3) ? 0.2 : 0};
  }
  if (luck.happens(often.token_faults)) {
    for (const fault_kind kind : {fault_kind::reset_before, fault_kind::empty_503,
                                  fault_kind::html_500, fault_kind::slow}) {
      add_fault(made, luck, kind, 0.5);
      if (!made.faults.empty() && made.faults.back().kind == kind) {
        made.faults.back().only = request_class::token;
      }
    }
  }
}

void kill_now_and_then(scenario& made, chance& luck) {
  if (luck.happens(0.2)) return;
  const auto kills = luck.between(1, 6);
  for (int i = 0; i < kills; ++i) {
    planned_kill one;
    // Most kills come while something is on its way: soon after a drop.
    const bool at_drop = luck.happens(0.7);
    const nanoseconds soon = luck.happens(0.5) ? seconds(5) : seconds(20);
    one.at = at_drop ? luck.one_of(made.drops).at + luck.between(nanoseconds(0), soon)
                     : luck.between(seconds(1), made.storm_ends);
    one.steps = static_cast<int>(luck.between(0, 60));
    one.down = luck.happens(0.5) ? luck.between(milliseconds(20), milliseconds(2000))
                                 : luck.between(seconds(2), minutes(3));
    one.new_boot = luck.happens(0.2);
    one.drained = luck.happens(0.2);
    if (luck.happens(often.ends_in_token_request)) {
      one.at_token = static_cast<int>(luck.between(1, 4));
      one.steps = static_cast<int>(luck.between(0, 20));
      one.drained = luck.happens(0.5);
    }
    made.kills.push_back(one);
  }
  std::sort(made.kills.begin(), made.kills.end(),
            [](const planned_kill& a, const planned_kill& b) { return a.at < b.at; });
}

/// The worst moment: changes are on their way and will be applied late, the ERP takes them back,
/// the engine is killed, and the next life's PATCH is there before those of the one before.
void ambush(scenario& made, chance& luck) {
  const auto reverts = std::find_if(made.drops.begin(), made.drops.end(),
                                    [](const erp_drop& drop) { return drop.reverts; });
  if (reverts == made.drops.end() || luck.happens(0.5)) return;
  made.as_daemon = true;
  reverts->at = std::prev(reverts)->at + luck.between(milliseconds(1'500), milliseconds(6'000));
  planned_kill one;
  one.at = reverts->at + luck.between(milliseconds(1), milliseconds(900));
  one.down = luck.between(milliseconds(20), milliseconds(1'000));
  made.kills = {one};
  const auto timeout = luck.between(20, 40);
  made.config.api.request_timeout = seconds(timeout);
  made.late_by = seconds(timeout) * luck.between(60, 95) / 100;
  twin::fault_rule late;
  late.kind = twin::fault_kind::apply_late;
  late.probability = 0.6;
  late.delay = made.late_by;
  made.faults = {late};
  made.net = {};
}

/// A long outage on an otherwise fair day, so that whatever a record suffers is the outage's doing.
void break_down(scenario& made, chance& luck) {
  const std::vector<std::pair<std::optional<request_class>, double>> kinds{
      {std::nullopt, often.outage},
      {request_class::get, often.outage_of_reads},
      {request_class::patch, often.outage_of_patches},
      {request_class::token, often.outage_of_tokens}};
  for (const auto& [only, share] : kinds) {
    if (!luck.happens(share)) continue;
    using way = outage::way;
    const std::vector<way> ways{way::refused, way::silent, way::reset, way::unavailable};
    outage one;
    one.only = only;
    one.how = luck.one_of(ways);
    one.from = luck.one_of(made.drops).at + luck.between(nanoseconds(0), seconds(20));
    one.until = one.from + (luck.happens(0.5) ? luck.between(seconds(20), minutes(30))
                                              : luck.between(minutes(30), hours(3)));
    made.outages.push_back(one);
    made.faults.clear();
    made.net = {};
    made.storm_ends = std::max(made.storm_ends, one.until + luck.between(minutes(1), minutes(20)));
  }
}

void read_slowly(scenario& made, chance& luck) {
  if (!luck.happens(often.slow_reads)) return;
  made.net.slow_reads = static_cast<double>(luck.between(2, 10)) / 10;
  // Never so slow that no read can be answered in time.
  const nanoseconds most = std::min<nanoseconds>(seconds(8), made.config.api.request_timeout / 2);
  made.net.slow_by = luck.between(milliseconds(500), most);
}

/// At half to three times the pace that would leave nothing.
void spend_quota(scenario& made, chance& luck) {
  if (!luck.happens(often.neighbour) || !made.api.limits) return;
  const window_limit& average = made.api.limits->front();
  neighbour one;
  one.from = luck.one_of(made.drops).at + luck.between(nanoseconds(0), seconds(20));
  one.until = one.from + luck.between(minutes(1), minutes(6));
  one.kind = luck.happens(0.7) ? request_class::patch : request_class::get;
  one.every = average.per / average.requests * luck.between(3, 20) / 10;
  made.neighbours.push_back(one);
  made.others_spend = true;
}

void command_beside(scenario& made, chance& luck) {
  if (luck.happens(0.6)) return;
  for (auto commands = luck.between(1, 6); commands > 0; --commands) {
    command one;
    one.at = luck.between(seconds(1), made.storm_ends);
    const std::vector<request_kind> kinds{request_kind::approve,    request_kind::discard,
                                          request_kind::retry_dead, request_kind::retry_all_dead,
                                          request_kind::drop_dead,  request_kind::drop_dead};
    one.kind = luck.one_of(kinds);
    const bool of_drop = one.kind == request_kind::approve || one.kind == request_kind::discard;
    one.subject = of_drop ? luck.one_of(made.drops).file
                          : key_of(static_cast<int>(luck.between(1, made.customers)));
    made.commands.push_back(std::move(one));
  }
}

void look_beside(scenario& made, chance& luck) {
  if (luck.happens(0.8)) return;
  for (auto others = luck.between(1, 3); others > 0; --others) {
    other_process one;
    one.at = luck.one_of(made.drops).at + luck.between(nanoseconds(0), seconds(20));
    if (luck.happens(0.4))
      one.plans = static_cast<int>(luck.between(0, std::ssize(made.drops) - 1));
    if (luck.happens(0.5)) one.steps = static_cast<int>(luck.between(1, 200));
    made.others.push_back(one);
  }
}

void edit_elsewhere(scenario& made, chance& luck) {
  const auto edits = luck.between(0, 3 * made.customers);
  for (int i = 0; i < edits; ++i) {
    made.edits.push_back({luck.between(seconds(1), made.storm_ends),
                          key_of(static_cast<int>(luck.between(1, made.customers))),
                          "edit " + std::to_string(i)});
  }
}

void fail_the_disk(scenario& made, chance& luck) {
  if (luck.happens(0.6)) return;
  constexpr std::int64_t calls_of_a_storm = 4'000;
  made.disk.at_call = luck.between(1, calls_of_a_storm);
  made.disk.full = luck.happens(0.5);
  made.disk_full_for = luck.between(seconds(1), minutes(2));
}

void step_the_clock(scenario& made, chance& luck) {
  if (luck.happens(0.6)) return;
  const auto steps = luck.between(1, 3);
  for (int i = 0; i < steps; ++i) {
    const nanoseconds far = luck.happens(0.5) ? minutes(2) : days(3);
    // Most come inside a pass, soon after a drop.
    const instant at = luck.happens(0.6)
                           ? luck.one_of(made.drops).at + luck.between(nanoseconds(0), seconds(20))
                           : luck.between(seconds(1), made.storm_ends);
    made.steps.push_back({at, luck.between(-far, far)});
  }
}

}  // namespace

void undo_now_and_then(scenario& made, chance& luck) {
  if (luck.happens(0.7)) return;
  for (auto undoings = luck.between(1, 3); undoings > 0; --undoings) {
    undoing one;
    one.at = luck.one_of(made.drops).at + luck.between(seconds(1), seconds(120));
    one.adopts = luck.happens(0.3);
    made.undoings.push_back(one);
  }
}

void drift_away(scenario& made, chance& luck) {
  if (luck.happens(0.8)) return;
  const std::vector<std::pair<std::string, std::string>> written{
      {"tax", "TAX-9"}, {"segment", "S9"}, {"limit", "900.50"}};
  // No more than what the job's budget lets through.
  for (auto drifts = luck.between(1, 4); drifts > 0; --drifts) {
    const auto& [column, text] = luck.one_of(written);
    made.drifts.push_back({luck.between(seconds(1), made.storm_ends),
                           key_of(static_cast<int>(luck.between(1, made.customers))), column,
                           text});
  }
}

void make_troubles(scenario& made, chance& luck) {
  kill_now_and_then(made, luck);
  trouble(made, luck);
  read_slowly(made, luck);
  ambush(made, luck);
  break_down(made, luck);
  spend_quota(made, luck);
  edit_elsewhere(made, luck);
  command_beside(made, luck);
  look_beside(made, luck);
  fail_the_disk(made, luck);
  step_the_clock(made, luck);
}

}  // namespace patchbay::sim
