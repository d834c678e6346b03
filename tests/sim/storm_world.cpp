// What happens around the engine in a storm: drops, commands, other processes, neighbours, others'
// writes; and what of all this the checker is told.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <ranges>
#include <sstream>
#include <utility>
#include <variant>

#include "erp.hpp"
#include "patchbay/engine/adopting.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "storm.hpp"
#include "trace.hpp"

namespace patchbay::sim {

void storm::note(event one) {
  trace(time_.now(), in_words(one));
  journal_.push_back(std::move(one));
}

void storm::note_try(const request& what, int process) {
  tries_.push_back({time_.now(), what.kind, process});
  if (what.kind != request_class::token) return;
  ++tokens_;
  for (const planned_kill& one : told_.kills) {
    if (one.at_token == tokens_) kill(one);
  }
}

void storm::listen() {
  wires_.listen(
      {[this](const flight& one) {
         const job_spec& job = job_of(one.body);
         note({happening::sent, one.left, keys_.at(one.id), fields_of_body(one.body, job.mapping),
               foreign_of_body(one.body), job.name});
       },
       [this](const flight& one) {
         note({happening::ended, one.ended, keys_.at(one.id), {}, {}, job_of(one.body).name});
       },
       [this] { look_at_foreign(); }, [this] { second_saying_.insert(api_.log().back().number); },
       [this](const request& what, int process) { note_try(what, process); },
       [this](const heard& one) { heard_.push_back(one); }});
}

/// Whose PATCH it is: the jobs have no field in common.
const job_spec& storm::job_of(const std::string& body) const {
  const job_spec& last = told_.config.jobs.back();
  return fields_of_body(body, last.mapping).empty() ? told_.config.jobs.front() : last;
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
  ++commits_;
  std::string job;
  if (const auto* ended = std::get_if<settle>(&op)) {
    job = ended->job;
    for (const dead_letter& one : ended->dead) letters_.push_back({now, ended->key, one.code});
    event one{happening::settled, now, ended->key, ended->acknowledged, {}, job};
    if (ended->kind == settle_kind::applied) one.what = happening::confirmed;
    const bool open = ended->kind == settle_kind::unanswered || ended->kind == settle_kind::put_off;
    if (open) one.what = happening::unanswered;
    if (ended->kind == settle_kind::gone) one.what = happening::forgotten;
    note(std::move(one));
  } else if (const auto* read = std::get_if<prove>(&op)) {
    job = read->job;
    note({happening::proved, now, read->key, read->acknowledged, {}, job});
  } else if (const auto* back = std::get_if<cancel_lease>(&op); back && !back->key.empty()) {
    note({happening::settled, now, back->key, {}, {}, back->job});
  } else if (const auto* closed = std::get_if<close_row>(&op)) {
    job = closed->job;
  }
  const auto* asked = std::get_if<lease_request>(&op);
  if (asked != nullptr && std::get<lease>(made).slot) note_lease(*asked);
  const auto* row = std::get_if<settled_row>(&made);
  if (row != nullptr && row->settled) note({happening::rests, now, row->key, {}, {}, job});
}

void storm::note_lease(const lease_request& asked) {
  if (asked.key.empty()) return;
  event one{happening::leased, time_.now(), asked.key, {}, {}, asked.job};
  for (const std::string& field : asked.fields) one.fields.emplace(field, null_value());
  note(std::move(one));
}

void storm::note_admit(drop_number drop, const std::set<std::string>& raised) {
  trace(time_.now(), "admitted: the drop numbered " + std::to_string(drop));
  std::string job;
  for (const drop_record& one : life_->store().drops("")) {
    if (one.number == drop) job = one.job;
  }
  for (const std::string& key : raised) note({happening::raised, time_.now(), key, {}, {}, job});
}

void storm::plan() {
  for (const erp_drop& drop : told_.drops) {
    time_.at(drop.at, [this, &drop] { stage_drop(drop); });
    if (!drop.decision.empty()) time_.at(drop.decided_at, [this, &drop] { decide(drop); });
  }
  for (const foreign_edit& one : told_.edits) time_.at(one.at, [this, &one] { edit(one); });
  for (const planned_kill& one : told_.kills) {
    if (one.at_token == 0) time_.at(one.at, [this, &one] { kill(one); });
  }
  for (const command& one : told_.commands) {
    time_.at(one.at, [this, &one] { leave(one.kind, one.subject); });
  }
  for (const drift& one : told_.drifts) {
    time_.at(one.at, [this, &one] { drift_off(one); });
  }
  for (const undoing& one : told_.undoings) {
    time_.at(one.at, [this, &one] { stop_to_undo(one); });
  }
  for (const other_process& one : told_.others) {
    time_.at(one.at, [this, &one] { begin_other(one); });
  }
  for (const neighbour& one : told_.neighbours) {
    time_.at(one.from, [this, &one] { spend(one); });
  }
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
  const job_spec& job =
      drop.job == second_job ? told_.config.jobs.back() : told_.config.jobs.front();
  const std::filesystem::path spool = job.source.directory;
  std::ofstream(spool / (drop.file + ".part"), std::ios::binary) << csv_of(drop);
  std::filesystem::rename(spool / (drop.file + ".part"), spool / drop.file);
}

void storm::decide(const erp_drop& drop) {
  leave(drop.decision == "approve" ? request_kind::approve : request_kind::discard, drop.file);
}

void storm::stop_to_undo(const undoing& one) {
  if (!life_ || doomed_ || !stormy_ || next_undoing_) return;
  trace(time_.now(), one.adopts ? "stopped, to adopt" : "stopped, to revert");
  next_undoing_ = one;
  down_ = std::chrono::seconds(1);
  life_->drain();
}

/// nullptr: there is nothing to take back.
const own_drop* storm::write_own_drop(const undoing& one) {
  const spared_disk ours;
  own_drop made;
  made.job = told_.config.jobs.front().name;
  sqlite_store& store = life_->store();
  std::ostringstream text;
  if (one.adopts) {
    made.rows = write_adopt_drop(store, told_.config.jobs.front(), text);
  } else {
    constexpr std::size_t looked_at = 10;
    std::vector<std::string> runs;
    if (const auto killed = store.unreported()) runs.push_back(killed->run);
    for (const run_record& run : store.runs(looked_at)) runs.push_back(run.run);
    run_traces traces;
    for (const std::string& run : runs) {
      if (traces.empty()) traces = traces_of(run, store);
    }
    if (traces.empty()) return nullptr;
    made.job = traces.job;
    const auto job = std::ranges::find(told_.config.jobs, traces.job, &job_spec::name);
    reversal reversed = reverse_run(*job, traces, store);
    write_revert_drop(*job, reversed, text);
    made.back = std::move(reversed.back);
    made.rows = std::ssize(made.back);
  }
  const std::string name = (one.adopts ? "adopt-" : "revert-") + std::to_string(lives_) + ".csv";
  trace(time_.now(), name + '\n' + text.str());
  made.file = folder_.write(name, text.str());
  return &own_.insert_or_assign(name, std::move(made)).first->second;
}

/// As its own process does it: also while no engine runs.
void storm::leave(request_kind kind, const std::string& subject) {
  const spared_disk ours;
  trace(time_.now(), "an operator: " + std::to_string(static_cast<int>(kind)) + ' ' + subject);
  owner_request asked;
  asked.kind = kind;
  asked.subject = subject;
  asked.who = "operator";
  asked.at = time_.wall();
  if (life_) {
    life_->store().leave_request(asked);
    return;
  }
  const life_parts parts = parts_of(++processes_);
  sqlite_store store(life::store_options(parts, "operator"), time_.now() - booted_);
  store.leave_request(asked);
}

/// Not with a token of ours, and of nobody whom we know: all that counts is that it counts.
void storm::spend(const neighbour& one) {
  if (time_.now() >= one.until || !stormy_) return;
  request what;
  what.kind = one.kind;
  what.method = one.kind == request_class::patch ? "PATCH" : "GET";
  what.target = std::string("/api/customers/") + of_neighbour;
  (void)api_.answer(what, time_.now(), time_.wall());
  time_.at(time_.now() + one.every, [this, &one] { spend(one); });
}

void storm::drift_off(const drift& one) {
  const auto known = api_.customers().by_reference(one.key);
  twin::customer changed = *known.front();
  trace(time_.now(), "drift: " + one.key + ' ' + one.column + ' ' + one.text);
  if (one.column == "tax") changed.tax_exemption_code = string_value(one.text);
  if (one.column == "segment") {
    changed.metadata.json =
        *with_metadata(changed.metadata.json, {"segment"}, string_value(one.text));
  }
  if (one.column == "limit") {
    changed.metadata.json =
        *with_metadata(changed.metadata.json, {"credit_limit"}, value{one.text});
  }
  api_.customers().replace(std::move(changed));
  drifted_.emplace(one.key, field_of(one.column));
}

void storm::begin_other(const other_process& one) {
  const bool there = std::filesystem::exists(told_.config.state_path / "patchbay.db");
  if (!there || !stormy_ || machine_is_down_) return;
  const int process = ++processes_;
  trace(time_.now(), bystander::name_of(process) + " begins");
  std::optional<std::filesystem::path> drop;
  if (one.plans >= 0 && one.plans < std::ssize(told_.drops)) {
    const spared_disk ours;
    const erp_drop& planned = told_.drops[static_cast<std::size_t>(one.plans)];
    if (planned.job == second_job) return;
    drop = folder_.write("plan-" + planned.file, csv_of(planned));
  }
  try {
    auto made = std::make_unique<bystander>(parts_of(process), std::move(drop));
    others_.emplace(process, running_other{std::move(made), one.steps});
  } catch (const store_error& failed) {
    trace(time_.now(), std::string("a bystander's disk: ") + failed.what());
  }
}

/// One step of one of them. False: they all wait.
bool storm::step_others() {
  for (auto at = others_.begin(); at != others_.end(); ++at) {
    running_other& one = at->second;
    if (!one.process->step()) continue;
    if (one.steps_left == 0 || --one.steps_left > 0) return true;
    trace(time_.now(), bystander::name_of(at->first) + " is killed");
    others_.erase(at);
    return true;
  }
  return false;
}

void storm::edit(const foreign_edit& one) {
  const auto known = api_.customers().by_reference(one.key);
  twin::customer changed = *known.front();
  changed.metadata.json = *with_foreign(changed.metadata.json, one.text);
  api_.customers().replace(std::move(changed));
  look_at_foreign();
}

}  // namespace patchbay::sim
