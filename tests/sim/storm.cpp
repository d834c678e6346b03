#include "storm.hpp"

#include <fstream>
#include <stdexcept>
#include <utility>
#include <variant>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/seed.hpp"
#include "trace.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

/// No seed needs more than a few dozen.
constexpr int most_lives = 200;
constexpr hours between_calm_nights{30 * 24};

network_options network_of(const scenario& told) {
  return {.fastest = milliseconds(5),
          .slowest = milliseconds(200),
          .unsent_share = told.net.unsent,
          .lost_share = told.net.lost,
          .cut_share = told.net.cut_off,
          .unheard_share = told.net.unheard,
          .impatient_share = told.net.impatient,
          .late_by = told.late_by};
}

twin::roster roster_of(const scenario& told) {
  twin::roster made = twin::generated_roster(static_cast<std::uint64_t>(told.customers));
  std::vector<twin::customer> changed;
  for (const twin::customer* const one : made.all()) {
    changed.push_back(*one);
    changed.back().metadata.json = *with_foreign(one->metadata.json, "before");
  }
  for (twin::customer& one : changed) made.replace(std::move(one));
  return made;
}

twin::fault_rule refusal_of(const std::string& text) {
  twin::fault_rule rule;
  rule.kind = twin::fault_kind::refuse_value;
  rule.field = "tax_exemption_code";
  rule.text = text;
  return rule;
}

}  // namespace

storm::storm(scenario told)
    : told_(std::move(told)),
      time_(instant(0)),
      api_(told_.api, roster_of(told_)),
      wires_(time_, api_, network_of(told_), told_.seed + 1) {
  told_.config.state_path = folder_.path() / "state";
  source_spec& source = told_.config.jobs.front().source;
  source.directory = folder_.path() / "spool";
  source.pattern = "drop-*.csv";
  std::filesystem::create_directories(told_.config.state_path);
  std::filesystem::create_directories(source.directory);
  for (const twin::customer* const one : api_.customers().all()) {
    keys_.emplace(one->id, plain_text(one->reference));
  }
  for (const twin::fault_rule& rule : told_.faults) api_.faults().add(rule);
  if (!told_.refused_text.empty()) api_.faults().add(refusal_of(told_.refused_text));
}

storm::~storm() = default;

void storm::note(event one) {
  trace(time_.now(), in_words(one));
  journal_.push_back(std::move(one));
}

void storm::object(objections more) {
  for (std::string& one : more) {
    trace(time_.now(), "OBJECTION " + one);
    found_.push_back(std::move(one));
  }
}

void storm::listen() {
  const mapping_spec& mapping = told_.config.jobs.front().mapping;
  wires_.listen({[this, &mapping](const flight& one) {
                   note({happening::sent, one.left, keys_.at(one.id),
                         fields_of_body(one.body, mapping), foreign_of_body(one.body)});
                 },
                 [this](const flight& one) {
                   note({happening::ended, one.ended, keys_.at(one.id), {}, {}});
                 },
                 [this] { look_at_foreign(); }});
}

/// A PATCH may have put an older value back: what counts is what the API holds.
void storm::look_at_foreign() {
  for (const twin::customer* const one : api_.customers().all()) {
    std::string text = foreign_of(one->metadata.json);
    const std::string& key = keys_.at(one->id);
    if (foreign_[key] == text) continue;
    foreign_[key] = text;
    note({happening::foreign, time_.now(), key, {}, std::move(text)});
  }
}

void storm::note_commit(const delivery_op& op, const op_result& made) {
  const instant now = time_.now();
  if (const auto* ended = std::get_if<settle>(&op)) {
    event one{happening::settled, now, ended->key, ended->acknowledged, {}};
    if (ended->kind == settle_kind::applied) one.what = happening::confirmed;
    if (ended->kind == settle_kind::unanswered) one.what = happening::unanswered;
    if (ended->kind == settle_kind::gone) one.what = happening::forgotten;
    note(std::move(one));
  } else if (const auto* read = std::get_if<prove>(&op)) {
    note({happening::proved, now, read->key, read->acknowledged, {}});
  }
  const auto* row = std::get_if<settled_row>(&made);
  if (row != nullptr && row->settled) note({happening::rests, now, row->key, {}, {}});
}

void storm::note_admit(drop_number drop, const std::set<std::string>& raised) {
  trace(time_.now(), "admitted: the drop numbered " + std::to_string(drop));
  for (const std::string& key : raised) note({happening::raised, time_.now(), key, {}, {}});
}

void storm::plan() {
  for (const erp_drop& drop : told_.drops) {
    time_.at(drop.at, [this, &drop] { stage_drop(drop); });
    if (!drop.decision.empty()) time_.at(drop.decided_at, [this, &drop] { decide(drop); });
  }
  for (const foreign_edit& one : told_.edits) time_.at(one.at, [this, &one] { edit(one); });
  for (const planned_kill& one : told_.kills) time_.at(one.at, [this, &one] { kill(one); });
  for (const clock_step& one : told_.steps) {
    time_.at(one.at, [this, &one] {
      trace(time_.now(), "clock steps");
      wall_is_ahead_ += one.by;
    });
  }
  time_.at(told_.storm_ends, [this] {
    stormy_ = false;
    if (life_) life_->drain();
  });
}

/// Written aside and renamed, as a well-behaved ERP does.
void storm::stage_drop(const erp_drop& drop) {
  const spared_disk ours;
  trace(time_.now(), "drop " + drop.file + ' ' + drop.marker + '\n' + csv_of(drop));
  const std::filesystem::path spool = told_.config.jobs.front().source.directory;
  std::ofstream(spool / (drop.file + ".part"), std::ios::binary) << csv_of(drop);
  std::filesystem::rename(spool / (drop.file + ".part"), spool / drop.file);
}

void storm::decide(const erp_drop& drop) {
  if (!life_) return;
  const spared_disk ours;
  trace(time_.now(), drop.decision + ' ' + drop.file);
  owner_request asked;
  asked.kind = drop.decision == "approve" ? request_kind::approve : request_kind::discard;
  asked.subject = drop.file;
  asked.who = "operator";
  asked.at = time_.wall();
  life_->store().leave_request(asked);
}

void storm::edit(const foreign_edit& one) {
  const auto known = api_.customers().by_reference(one.key);
  twin::customer changed = *known.front();
  changed.metadata.json = *with_foreign(changed.metadata.json, one.text);
  api_.customers().replace(std::move(changed));
  look_at_foreign();
}

void storm::kill(const planned_kill& how) {
  if (!life_ || doomed_ || !stormy_) return;
  down_ = how.down;
  if (how.new_boot) ++boots_;
  if (how.drained) {
    trace(time_.now(), "drain");
    life_->drain();
    return;
  }
  doomed_ = true;
  steps_left_ = how.steps;
}

/// Somebody makes room after a while; until then every life ends where it writes.
void storm::mend_full_disk() {
  if (!disk_is_full() || mending_) return;
  mending_ = true;
  time_.at(time_.now() + told_.disk_full_for, [] { make_room(); });
}

void storm::wait_until(instant moment) {
  bool come = false;
  time_.at(moment, [&come] { come = true; });
  while (!come && time_.advance()) {
  }
}

void storm::begin_life() {
  if (++lives_ > most_lives) throw std::runtime_error("the storm does not end");
  trace(time_.now(), "life " + std::to_string(lives_) + ", boot " + std::to_string(boots_));
  life_parts parts{
      told_.config,
      time_,
      wires_,
      told_.seed * 1000 + static_cast<std::uint64_t>(lives_),
      {[this](const delivery_op& op, const op_result& made) { note_commit(op, made); },
       [this](drop_number drop, const std::set<std::string>& raised) { note_admit(drop, raised); }},
      "boot " + std::to_string(boots_),
      booted_,
      told_.slow_disk,
      &wall_is_ahead_};
  life_ = std::make_unique<life>(std::move(parts));
  check_state();
}

void storm::one_life() {
  const int boot = boots_;
  chance luck(told_.seed + static_cast<std::uint64_t>(lives_ + 1));
  std::optional<nanoseconds> pause = luck.between(seconds(1), seconds(90));
  if (told_.as_daemon) pause.reset();
  down_ = seconds(5);
  bool ended = false;
  try {
    begin_life();
    ended = life_->live(pause, [this] { return doomed_ && steps_left_-- <= 0; });
  } catch (const store_error& failed) {
    trace(time_.now(), std::string("the disk: ") + failed.what());
    mend_full_disk();
  }
  if (ended && life_->stopped()) trace(time_.now(), "stopped: " + life_->stopped()->message);
  life_.reset();
  doomed_ = false;
  if (!ended) note({happening::killed, time_.now(), {}, {}, {}});
  if (stormy_) wait_until(time_.now() + down_);
  if (boots_ != boot) booted_ = time_.now() - seconds(2);
}

void storm::pass() {
  listen();
  look_at_foreign();
  plan();
  begin_disk_fault(told_.disk);
  while (stormy_) one_life();
  disk_calls_ = mend_disk();
  calm_down();
  check_outcome();
  check_evidence();
}

void storm::calm_down() {
  trace(time_.now(), "calm");
  wires_.calm();
  api_.faults().clear();
  if (!told_.refused_text.empty()) api_.faults().add(refusal_of(told_.refused_text));
  wait_until(time_.now() + told_.late_by + seconds(1));
  begin_life();
  constexpr int nights = 12;
  for (int i = 0; i < nights; ++i) {
    life_->run();
    check_state();
    if (life_->stopped()) object({"calm: a pass stopped: " + life_->stopped()->message});
    if (all_settled()) return;
    wait_until(time_.now() + between_calm_nights);
  }
  object({"calm: not everything settles"});
}

}  // namespace patchbay::sim
