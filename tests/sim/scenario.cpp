#include "scenario.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "erp.hpp"
#include "troubles.hpp"

namespace patchbay::sim {
namespace {

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

/// A second source of the same customers, with a field of its own.
job_spec make_second_job() {
  job_spec job;
  job.name = second_job;
  job.mapping.by = match_by::reference;
  job.mapping.key_column = "code";
  job.mapping.fields.push_back(field("profile_id", field_kind::attribute, "profile"));
  job.source.mode = drop_mode::delta;
  job.budgets.changes.share = 1;
  job.digest = "budgets and mapping of the second";
  job.mapping_digest = "mapping of the second";
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

/// Apart from everything else that is left to chance, so that it can be taken out of a story.
constexpr std::uint64_t second_jobs = 0x5ec0'0d0b'0000'0000;
constexpr std::uint64_t undoings = 0x000d'011e'0000'0000;

std::string cell(const std::string& text, bool quoted) {
  return quoted ? '"' + text + '"' : text;
}

}  // namespace

std::string csv_of(const erp_drop& drop) {
  std::vector<std::string> columns = columns_of(drop.job);
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
  chance more(seed + second_jobs);
  const bool two_jobs = more.happens(0.4);
  scenario made;
  made.seed = seed;
  made.customers = static_cast<int>(luck.between(15, 45));
  made.as_daemon = luck.happens(0.4);
  // Only a daemon's jobs deliver at the same time.
  if (two_jobs) made.as_daemon = made.as_daemon || more.happens(0.6);
  made.slow_disk = luck.between(milliseconds(0), milliseconds(10));
  made.moves_emails = luck.happens(0.4);
  configure(made, luck);
  made.drops = write_drops(made, luck);
  made.storm_ends = made.drops.back().at + luck.between(seconds(30), minutes(5));
  make_troubles(made, luck);
  if (two_jobs) {
    made.config.jobs.push_back(make_second_job());
    write_second_drops(made, more);
  }
  chance apart(seed + undoings);
  undo_now_and_then(made, apart);
  drift_away(made, apart);
  return made;
}

scenario make_short_scenario() {
  scenario made = make_quiet_scenario(4);
  chance luck(1);
  made.drops = write_drops(made, luck);
  made.drops.resize(2);
  made.storm_ends = made.drops.back().at + minutes(1);
  made.disk_full_for = seconds(20);
  return made;
}

scenario make_quiet_scenario(int customers) {
  chance luck(1);
  scenario made;
  made.seed = 1;
  made.customers = customers;
  configure(made, luck);
  made.config.jobs.front().source.mode = drop_mode::delta;
  made.config.jobs.front().budgets.changes.share = 1;
  erp_drop drop;
  drop.at = seconds(1);
  drop.file = "drop-101.csv";
  for (int i = 1; i <= customers; ++i) {
    drop_row row{key_of(i), {}, false};
    for (const std::string& column : columns_of_erp()) row.cells[column];
    row.cells["code"] = row.key;
    row.cells["email"] = "new." + std::to_string(i) + "@x.it";
    row.cells["segment"] = "S1";
    drop.rows.push_back(std::move(row));
  }
  made.drops.push_back(std::move(drop));
  made.storm_ends = minutes(5);
  return made;
}

}  // namespace patchbay::sim
