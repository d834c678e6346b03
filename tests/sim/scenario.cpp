#include "scenario.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

#include "erp.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

field_spec field(std::string name, field_kind kind, std::string column) {
  field_spec made;
  made.name = std::move(name);
  made.kind = kind;
  made.columns = {std::move(column)};
  made.transforms = {transform::trim};
  return made;
}

field_spec metadata(std::vector<std::string> path, std::string column, field_type type) {
  std::string name = "metadata";
  for (const std::string& part : path) name += '.' + part;
  field_spec made = field(std::move(name), field_kind::metadata, std::move(column));
  made.path = std::move(path);
  made.type = type;
  return made;
}

mapping_spec make_mapping(chance& luck) {
  mapping_spec mapping;
  mapping.by = match_by::reference;
  mapping.key_column = "code";
  mapping.fields.push_back(field("email", field_kind::attribute, "email"));
  mapping.fields.push_back(field("tax_exemption_code", field_kind::attribute, "tax"));
  mapping.fields.back().empty = empty_rule::clear;
  mapping.fields.push_back(metadata({"segment"}, "segment", field_type::string));
  mapping.fields.back().empty = empty_rule::clear;
  mapping.fields.push_back(metadata({"credit_limit"}, "limit", field_type::decimal));
  mapping.fields.push_back(metadata({"loyalty", "points"}, "points", field_type::integer));
  mapping.fields.push_back(field("customer_group", field_kind::customer_group, "group"));
  mapping.fields.back().lookup_code = true;
  if (luck.happens(0.5)) {
    mapping.fields.push_back(field("password", field_kind::password, "password"));
    mapping.fields.back().sensitive = true;
    mapping.fields.back().initial_send = luck.happens(0.3);
  }
  return mapping;
}

job_spec make_job(chance& luck) {
  job_spec job;
  job.name = "erp";
  job.mapping = make_mapping(luck);
  job.source.mode = luck.happens(0.5) ? drop_mode::snapshot : drop_mode::delta;
  job.budgets.changes.share = 0.7;
  job.budgets.rejects.share = 0.5;
  job.budgets.absent.share = 0.5;
  job.digest = "budgets and mapping";
  job.mapping_digest = "mapping";
  return job;
}

void configure(scenario& made, chance& luck) {
  settings& config = made.config;
  config.api.base_url = "https://sandbox.invalid/api";
  config.api.token_url = "https://sandbox.invalid/oauth/token";
  config.api.client_id = made.api.client_id;
  config.api.sessions = static_cast<int>(luck.between(1, 8));
  config.api.request_timeout =
      seconds(luck.happens(0.5) ? luck.between(2, 15) : luck.between(20, 40));
  config.jobs.push_back(make_job(luck));
  made.api.seed = luck.roll();
  made.api.test_mode = luck.happens(0.5);
  made.api.refused_count = luck.happens(0.5);
  made.api.token_life = luck.happens(0.3) ? seconds(1000) : seconds(7200);
  if (luck.happens(0.8)) {
    const auto burst = static_cast<int>(luck.between(3, 12));
    config.api.burst = {burst, seconds(10)};
    config.api.average = {static_cast<int>(luck.between(burst, burst * 5)), seconds(60)};
    made.api.limits = window_limits{*config.api.average, *config.api.burst};
    made.others_spend = luck.happens(0.2);
    if (made.others_spend) (*made.api.limits)[1].requests = std::max(1, burst * 2 / 3);
  }
}

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
  add_fault(made, luck, fault_kind::revoke_token, 0.01);
  add_fault(made, luck, fault_kind::lower_case_email, 2);
  if (luck.happens(0.3)) made.refused_text = luck.one_of(tax_codes());
  const auto share = [&luck] { return static_cast<double>(luck.between(0, 5)) / 100; };
  if (luck.happens(0.8)) made.net = {share(), share(), share(), share(), share() * 10};
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
    made.steps.push_back({luck.between(seconds(1), made.storm_ends), luck.between(-far, far)});
  }
}

std::string cell(const std::string& text, bool quoted) {
  return quoted ? '"' + text + '"' : text;
}

}  // namespace

std::string csv_of(const erp_drop& drop) {
  std::vector<std::string> columns = columns_of_erp();
  if (drop.quoted) std::reverse(columns.begin(), columns.end());
  std::string text;
  for (const std::string& column : columns) {
    if (!text.empty()) text += ',';
    text += column;
  }
  text += '\n';
  for (const drop_row& row : drop.rows) {
    std::string line;
    for (const std::string& column : columns) {
      if (column != columns.front()) line += ',';
      line += cell(row.cells.at(column), drop.quoted);
    }
    text += line + '\n';
  }
  return text;
}

std::string key_of(int customer) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "C-%06d", customer);
  return text.data();
}

scenario make_scenario(std::uint64_t seed) {
  chance luck(seed);
  scenario made;
  made.seed = seed;
  made.customers = static_cast<int>(luck.between(15, 45));
  made.as_daemon = luck.happens(0.4);
  made.slow_disk = luck.between(milliseconds(0), milliseconds(10));
  configure(made, luck);
  made.drops = write_drops(made, luck);
  made.storm_ends = made.drops.back().at + luck.between(seconds(30), minutes(5));
  kill_now_and_then(made, luck);
  trouble(made, luck);
  ambush(made, luck);
  edit_elsewhere(made, luck);
  fail_the_disk(made, luck);
  step_the_clock(made, luck);
  return made;
}

scenario make_short_scenario() {
  chance luck(1);
  scenario made;
  made.seed = 1;
  made.customers = 4;
  configure(made, luck);
  made.drops = write_drops(made, luck);
  made.drops.resize(2);
  made.storm_ends = made.drops.back().at + minutes(1);
  made.disk_full_for = seconds(20);
  return made;
}

}  // namespace patchbay::sim
