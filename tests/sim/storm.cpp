#include "storm.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

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
          .doubled_share = told.net.doubled,
          .shuffled_share = told.net.shuffled,
          .slow_read_share = told.net.slow_reads,
          .slow_read_by = told.net.slow_by,
          .late_by = told.late_by,
          .outages = told.outages};
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
  std::filesystem::create_directories(told_.config.state_path);
  for (job_spec& job : told_.config.jobs) {
    job.source.directory = folder_.path() / ("spool-" + job.name);
    job.source.pattern = "*.csv";
    std::filesystem::create_directories(job.source.directory);
  }
  for (const twin::customer* const one : api_.customers().all()) {
    keys_.emplace(one->id, plain_text(one->reference));
  }
  for (const twin::fault_rule& rule : told_.faults) api_.faults().add(rule);
  if (!told_.refused_text.empty()) api_.faults().add(refusal_of(told_.refused_text));
}

storm::~storm() = default;

void storm::object(objections more) {
  for (std::string& one : more) {
    trace(time_.now(), "OBJECTION " + one);
    found_.push_back(std::move(one));
  }
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
  while (!come && (step_others() || time_.advance())) {
  }
}

bool storm::lives_process(const std::string& name) const {
  const bool beside = std::any_of(others_.begin(), others_.end(), [&name](const auto& one) {
    return name == bystander::name_of(one.first);
  });
  return beside || (life_ && name == life::name_of(owner_));
}

life_parts storm::parts_of(int process) {
  life_parts parts{.config = told_.config, .time = time_, .wires = wires_};
  parts.seed = told_.seed * 1000 + static_cast<std::uint64_t>(process);
  parts.boot_id = "boot " + std::to_string(boots_);
  parts.booted = booted_;
  parts.slowest_call = told_.slow_disk;
  parts.wall_is_ahead = &wall_is_ahead_;
  parts.process = process;
  parts.alive = [this](const std::string& name) { return lives_process(name); };
  parts.on_begin = [this, process] { engines_[process].push_back(time_.now()); };
  return parts;
}

void storm::begin_life() {
  if (++lives_ > most_lives) throw std::runtime_error("the storm does not end");
  trace(time_.now(), "life " + std::to_string(lives_) + ", boot " + std::to_string(boots_));
  owner_ = ++processes_;
  life_parts parts = parts_of(owner_);
  parts.ears.on_committed = [this](const delivery_op& op, const op_result& made) {
    note_commit(op, made);
  };
  parts.ears.on_lost = [this](std::span<const delivery_op> ops) {
    for (const delivery_op& op : ops) {
      if (const auto* asked = std::get_if<lease_request>(&op)) note_lease(*asked);
    }
  };
  parts.ears.on_admitted = [this](drop_number drop, const std::set<std::string>& raised) {
    note_admit(drop, raised);
  };
  parts.ears.on_learned = [this](std::string_view job, const learned_customer& one) {
    const auto what = one.id.empty() ? happening::forgotten : happening::read;
    note({what, time_.now(), one.key, one.acknowledged, {}, std::string(job)});
  };
  parts.others = [this] { return step_others(); };
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
    const auto killed = [this] { return doomed_ && steps_left_-- <= 0; };
    const auto undoing = std::exchange(next_undoing_, std::nullopt);
    const own_drop* const own = undoing ? write_own_drop(*undoing) : nullptr;
    ended = own ? life_->pass_over(own->job, own->file, killed) : life_->live(pause, killed);
  } catch (const store_error& failed) {
    trace(time_.now(), std::string("the disk: ") + failed.what());
    mend_full_disk();
  }
  if (ended && life_->stopped()) trace(time_.now(), "stopped: " + life_->stopped()->message);
  life_.reset();
  doomed_ = false;
  if (!ended) note({happening::killed, time_.now(), {}, {}, {}});
  machine_is_down_ = boots_ != boot;
  if (machine_is_down_) others_.clear();
  if (stormy_) wait_until(time_.now() + down_);
  if (!std::exchange(machine_is_down_, false)) return;
  booted_ = time_.now() - seconds(2);
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
  check_calm_verify();
  check_evidence();
}

void storm::calm_down() {
  trace(time_.now(), "calm");
  wires_.calm();
  others_.clear();
  api_.faults().clear();
  if (!told_.refused_text.empty()) api_.faults().add(refusal_of(told_.refused_text));
  wait_until(time_.now() + told_.late_by + seconds(1));
  begin_life();
  constexpr int nights = 12;
  for (int i = 0; i < nights; ++i) {
    life_->run();
    check_state();
    if (life_->stopped()) object({"calm: a pass stopped: " + life_->stopped()->message});
    if (all_settled() && !drops_wait()) {
      if (drifted_.empty()) return;
      adopt_what_drifted();
      continue;
    }
    wait_until(time_.now() + between_calm_nights);
  }
  object({"calm: not everything settles"});
}

/// What somebody else has written is found, and the ERP's last word is there again.
void storm::adopt_what_drifted() {
  const own_drop* const own = write_own_drop({.at = time_.now(), .adopts = true});
  (void)life_->pass_over(own->job, own->file, [] { return false; });
  if (life_->stopped()) object({"calm: adopt stopped: " + life_->stopped()->message});
  drifted_.clear();
}

}  // namespace patchbay::sim
