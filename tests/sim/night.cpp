#include "night.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/seed.hpp"

namespace patchbay::sim {

namespace {

using std::chrono::seconds;

constexpr const char* groups[] = {"GOLD", "SILVER", "BRONZE", "STANDARD"};
constexpr int most_lives = 400;

field_spec column(const std::string& name, const std::string& from, field_kind kind) {
  field_spec made;
  made.name = name;
  made.kind = kind;
  made.columns = {from};
  return made;
}

job_spec the_job(const std::filesystem::path& spool) {
  job_spec job;
  job.name = "erp";
  job.source.directory = spool;
  job.source.pattern = "customers_*.csv";
  job.mapping.by = match_by::reference;
  job.mapping.key_column = "KEY";
  job.mapping.fields.push_back(column("email", "EMAIL", field_kind::attribute));
  field_spec limit = column("metadata.credit_limit", "LIMIT", field_kind::metadata);
  limit.path = {"credit_limit"};
  limit.type = field_type::decimal;
  job.mapping.fields.push_back(limit);
  field_spec group = column("customer_group", "GROUP", field_kind::customer_group);
  group.lookup_code = true;
  job.mapping.fields.push_back(group);
  job.budgets.changes = {.share = 0.8};
  job.budgets.rejects = {.share = 1};
  job.digest = job.mapping_digest = "sim";
  return job;
}

settings configuration(const std::filesystem::path& folder, twin::dice& dice) {
  settings made;
  made.api.base_url = "https://localhost/api";
  made.api.token_url = "https://localhost/oauth/token";
  made.api.client_id = "sandbox-client";
  made.api.sessions = 1 + static_cast<int>(dice.roll() % 8);
  // Half of the nights keep to small windows, the others to the API's own.
  if (dice.share() < 0.5) {
    made.api.average = window_limit{20, seconds(6)};
    made.api.burst = window_limit{5 + static_cast<int>(dice.roll() % 4), seconds(1)};
  } else {
    made.api.average = window_limit{200, seconds(60)};
    made.api.burst = window_limit{50, seconds(10)};
  }
  made.api.request_timeout = milliseconds(3'000);
  made.api.retry = {.attempts = 4,
                    .base = milliseconds(200),
                    .cap = milliseconds(5'000),
                    .give_up = milliseconds(120'000)};
  made.state_path = folder / "state";
  made.jobs.push_back(the_job(folder / "spool"));
  return made;
}

twin::rules_options api_options(const settings& config, std::uint64_t seed) {
  twin::rules_options options;
  options.limits = window_limits{*config.api.average, *config.api.burst};
  options.seed = seed;
  options.token_life = seconds(1'800 + 60 * (seed % 60));
  return options;
}

erp_rows rows_of(const twin::rules& api) {
  erp_rows rows;
  for (const twin::customer* one : api.customers().all()) {
    const auto limit = metadata_at(one->metadata.json, {"credit_limit"});
    const twin::group* group = api.customers().group_by_id(one->group_id);
    rows.emplace(plain_text(one->reference),
                 erp_row{.email = plain_text(one->email),
                         .limit = limit ? limit->json : "0",
                         .group = group == nullptr ? "GOLD" : group->code});
  }
  return rows;
}

std::string text_of(const erp_rows& rows) {
  std::string text = "KEY,EMAIL,LIMIT,GROUP\r\n";
  for (const auto& [key, row] : rows) {
    text += key + "," + row.email + "," + row.limit + "," + row.group + "\r\n";
  }
  return text;
}

}  // namespace

night::night(std::uint64_t seed)
    : seed_(seed),
      dice_(seed * 7'919 + 13),
      config_(configuration(folder_.path(), dice_)),
      time_(seconds(1'000)),
      api_(api_options(config_, seed), twin::generated_roster(15 + seed % 25)),
      wires_(time_, api_,
             {.fastest = milliseconds(2),
              .slowest = milliseconds(20 + 10 * (seed % 19)),
              .unsent_share = seed % 3 == 0 ? 0.05 : 0.0},
             seed + 1) {
  std::filesystem::create_directories(folder_.path() / "spool");
  std::filesystem::create_directories(config_.state_path);
  wanted_ = rows_of(api_);
  before_ = wanted_;
  for (const twin::customer* one : api_.customers().all()) {
    ids_.emplace(plain_text(one->reference), one->id);
  }
}

night::~night() = default;

void night::arrange_faults() {
  constexpr const char* kinds[] = {
      "reset-before",     "reset-after",   "reset-mid-body", "never-answer",
      "never-arrive",     "apply-late",    "slow",           "html-500",
      "empty-502",        "empty-503",     "timeout-408",    "conflict-409",
      "locked-423",       "throttled-429", "revoke-token",   "not-applied",
      "lower-case-email", "refuse-value",  "no-rate-headers"};
  const std::uint64_t how_many = pick(5);
  for (std::uint64_t i = 0; i < how_many; ++i) {
    const std::string kind = kinds[pick(std::size(kinds))];
    std::string text = kind + ",probability=0." + std::to_string(1 + pick(3));
    if (kind == "revoke-token") text = kind + ",times=1,after=" + std::to_string(pick(40));
    // Later than a time-out after the next success, nobody can know of it: the API has no versions.
    if (kind == "apply-late") text += ",delay=" + std::to_string(1'000 + pick(4'500)) + "ms";
    if (kind == "slow") text += ",delay=" + std::to_string(1 + pick(6)) + "s";
    if (kind == "html-500" && chance(0.5)) text += ",applied=yes";
    if (kind == "not-applied" || kind == "refuse-value") text += ",field=email";
    const result<twin::fault_rule> rule = twin::read_fault_rule(text);
    if (!rule) throw std::logic_error("the simulation's own fault is wrong: " + text);
    api_.faults().add(*rule);
  }
}

erp_rows night::edited(const erp_rows& rows) {
  erp_rows made = rows;
  for (auto& [key, row] : made) {
    if (!chance(0.4)) continue;
    const erp_row& old = before_.at(key);
    switch (pick(5)) {
      case 0:
        row.email = "New." + std::to_string(dice_.roll() % 1'000'000) + "." + key + "@x.it";
        break;
      case 1:
        row.limit = std::to_string(pick(90'000)) + "." + std::to_string(10 + pick(90));
        break;
      case 2:
        row.group = groups[pick(4)];
        break;
      case 3:
        row = old;
        break;  // the ERP has the old values again
      default:
        row.limit = old.limit;
        break;
    }
  }
  return made;
}

/// Written aside and renamed, as a well-behaved ERP does.
void night::deliver_drop(erp_rows rows, const std::string& name) {
  for (settled_span& one : settled_) {
    if (one.until != instant::max()) continue;
    const auto owner = std::find_if(ids_.begin(), ids_.end(),
                                    [&one](const auto& entry) { return entry.second == one.id; });
    if (!(rows.at(owner->first) == wanted_.at(owner->first))) one.until = time_.now();
  }
  before_ = std::exchange(wanted_, std::move(rows));
  const std::filesystem::path spool = config_.jobs.front().source.directory;
  std::ofstream(spool / (name + ".part"), std::ios::binary) << text_of(wanted_);
  std::filesystem::rename(spool / (name + ".part"), spool / name);
}

void night::over_budget_drop() {
  erp_rows broken = wanted_;
  for (auto& [key, row] : broken) row.email = std::string(held_mark) + "." + key + "@x.it";
  const std::filesystem::path spool = config_.jobs.front().source.directory;
  const std::string name = "customers_" + std::to_string(100 + ++drops_) + ".csv";
  std::ofstream(spool / (name + ".part"), std::ios::binary) << text_of(broken);
  std::filesystem::rename(spool / (name + ".part"), spool / name);
  ++held_;
}

void night::note_settled(const std::string& key) {
  settled_.push_back({.id = ids_.at(key), .from = time_.now()});
}

night::ending night::run_once(life::crash when) {
  if (++lives_ > most_lives) throw std::runtime_error("the night does not end");
  wires_.begin_life();
  life_parts parts{config_, time_, wires_, seed_ + static_cast<std::uint64_t>(lives_),
                   [this](const delivery_op&, const op_result& made) {
                     const auto* row = std::get_if<settled_row>(&made);
                     if (row != nullptr && row->settled) note_settled(row->key);
                     if (row != nullptr && sets_clock_back_)
                       wall_is_ahead_ = -std::chrono::hours(1);
                   }};
  parts.wall_is_ahead = &wall_is_ahead_;
  life one(std::move(parts));
  const bool ended = one.run(when);
  expect_balanced();
  if (!ended) ++crashes_;
  return ended ? ending::ended : ending::crashed;
}

void night::run_until_it_ends() {
  const std::uint64_t most_crashes = pick(5);
  for (std::uint64_t i = 0; i < most_crashes; ++i) {
    if (run_once({.steps = static_cast<int>(1 + pick(900))}) == ending::ended) break;
    // The ERP does not wait: the next drop comes while much is unanswered.
    if (chance(0.4)) return;
  }
  (void)run_once({});
}

void night::expect_balanced() const {
  for (const drop_record& drop : drops()) {
    const bool counted = drop.state == drop_state::admitted || drop.state == drop_state::held;
    if (counted && !drop.totals.balanced()) {
      throw std::runtime_error("the totals of " + drop.file + " do not balance");
    }
  }
}

void night::make_peace() {
  api_.faults().clear();
  wires_.calm();
  for (int round = 0; round < 12; ++round) {
    const auto next = time_.now() + seconds(40);
    time_.at(next, [] {});
    while (time_.now() < next) time_.advance();
    {
      sqlite_store store(life::store_options(config_), time_.now());
      store.leave_request({.number = 0,
                           .kind = request_kind::retry_all_dead,
                           .subject = {},
                           .who = "sim",
                           .at = time_.wall()});
    }
    (void)run_once({});
    const std::vector<customer_levels> all = levels();
    if (std::all_of(all.begin(), all.end(), [](const auto& one) { return one.settled(); })) return;
  }
  throw std::runtime_error("peace does not settle everything");
}

void night::pass() {
  const std::uint64_t drops = 2 + pick(3);
  for (std::uint64_t i = 0; i < drops; ++i) {
    api_.faults().clear();
    if (i > 0 || chance(0.3)) arrange_faults();
    const std::string name = "customers_" + std::to_string(100 + ++drops_) + ".csv";
    deliver_drop(i == 0 ? wanted_ : edited(wanted_), name);
    run_until_it_ends();
  }
  if (seed_ % 4 == 0) {
    // Otherwise the held snapshot would supersede what still waits: the newest counts.
    (void)run_once({});
    over_budget_drop();
    run_until_it_ends();
  }
  make_peace();
}

void night::pass_with_late_changes() {
  wires_.calm();
  deliver_drop(wanted_, "customers_101.csv");
  (void)run_once({});
  const result<twin::fault_rule> late = twin::read_fault_rule(
      "apply-late,method=PATCH,probability=0.6,delay=" + std::to_string(2'500 + pick(500)) + "ms");
  api_.faults().add(late.value());
  deliver_drop(edited(wanted_), "customers_102.csv");
  (void)run_once({.at = time_.now() + milliseconds(500 + pick(1'500))});
  api_.faults().clear();
  deliver_drop(chance(0.5) ? before_ : edited(wanted_), "customers_103.csv");
  (void)run_once({});
  make_peace();
}

void night::pass_with_clock_set_back() {
  wires_.calm();
  deliver_drop(wanted_, "customers_101.csv");
  (void)run_once({});
  erp_rows rows = wanted_;
  const auto taken = rows.begin();
  const auto holder = std::next(taken);
  const auto other = std::next(holder);
  taken->second.email = holder->second.email;
  other->second.limit = "12345.67";
  deliver_drop(std::move(rows), "customers_102.csv");
  sets_clock_back_ = true;
  const std::size_t before = api_.log().size();
  (void)run_once({.at = time_.now() + std::chrono::minutes(10)});
  // Two PATCHes and a second chance, each behind a read of the metadata at most; and tokens.
  constexpr std::size_t plenty = 10;
  if (api_.log().size() - before > plenty)
    throw std::runtime_error("a second chance is a hot loop");
  sets_clock_back_ = false;
  wall_is_ahead_ = nanoseconds(0);
  rows = wanted_;
  rows.begin()->second.email = "free@x.it";
  deliver_drop(std::move(rows), "customers_103.csv");
  make_peace();
}

std::vector<drop_record> night::drops() const {
  sqlite_store store(life::store_options(config_), time_.now());
  return store.drops("erp");
}

std::vector<customer_levels> night::levels() const {
  sqlite_store store(life::store_options(config_), time_.now());
  std::vector<std::string> keys;
  for (const auto& [key, id] : ids_) keys.push_back(key);
  return store.lookup("erp", keys);
}

}  // namespace patchbay::sim
