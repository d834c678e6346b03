#include "status_gathering.hpp"

#include <algorithm>
#include <set>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/system/process_identity.hpp"
#include "report_files.hpp"

namespace patchbay {
namespace {

constexpr std::size_t runs_shown = 10;
constexpr std::size_t runs_searched = 200;  ///< for a drop that does not know its run

/// The report of the run that held the drop, without what it says of customers.
std::optional<run_report> report_of(sqlite_store& store, const drop_record& drop) {
  std::vector<run_record> runs;
  if (!drop.run.empty()) {
    if (auto its = store.find_run(drop.run)) runs.push_back(std::move(*its));
  }
  if (runs.empty()) runs = store.runs(runs_searched);
  for (const run_record& run : runs) {
    result<std::vector<run_report>> reports = parse_runs(run.json);
    if (!reports) continue;
    for (run_report& report : *reports) {
      if (!report.drop || report.drop->file != drop.file || report.job != drop.job) continue;
      report.rejects.clear();
      report.changes.clear();
      report.skipped.clear();
      return std::move(report);
    }
  }
  return std::nullopt;
}

/// Of the export that was admitted last; rows whose customer has a dead letter are told there.
std::optional<refused_rows> refused_of(sqlite_store& store, const std::string& job) {
  std::optional<drop_record> last;
  for (drop_record& drop : store.drops(job)) {
    if (drop.state != drop_state::admitted || is_values_drop(drop.origin)) continue;
    if (!last || drop.admission > last->admission) last = std::move(drop);
  }
  if (!last || last->totals.rejected == 0) return std::nullopt;
  std::set<std::string> told;
  for (const dead_letter& letter : store.dead_letters(job)) told.insert(letter.key);
  std::set<std::int64_t> lines;
  for (const reject_entry& one : store.rejects(last->number)) {
    if (!told.contains(one.key)) lines.insert(one.line);
  }
  if (lines.empty()) return std::nullopt;
  return refused_rows{lying_name(*last), static_cast<std::int64_t>(lines.size())};
}

std::vector<budget_entry> exceeded_of(const std::optional<run_report>& plan) {
  std::vector<budget_entry> exceeded;
  if (plan) exceeded = plan->budgets;
  std::erase_if(exceeded, [](const budget_entry& one) { return !one.exceeded; });
  return exceeded;
}

asked_for told_of(const owner_request& request) {
  asked_for made{.what = {}, .subject = request.subject, .who = request.who, .at = request.at};
  switch (request.kind) {
    case request_kind::approve:
      made.what = "approve";
      return made;
    case request_kind::discard:
      made.what = "discard";
      return made;
    case request_kind::retry_all_dead:
      made.what = "retry all dead letters";
      made.subject.clear();
      return made;
    case request_kind::retry_dead:
      made.what = "retry";
      made.of_customer = true;
      return made;
    case request_kind::drop_dead:
      made.what = "drop";
      made.of_customer = true;
      return made;
  }
  return made;
}

void tell_apart(std::vector<job_status>& jobs) {
  std::map<std::string, int> held;
  for (const job_status& job : jobs) {
    for (const held_drop& drop : job.held) ++held[drop.drop];
  }
  for (job_status& job : jobs) {
    for (held_drop& drop : job.held) {
      if (held[drop.drop] > 1) drop.whose = job.name;
    }
  }
}

/// When the job runs next, and why not now.
void tell_times(const timetable& times, wall_time now, job_status& of) {
  of.next_run = times.next_due(now);
  if (of.next_run) {
    if (const auto shut = times.closed(*of.next_run)) of.next_run = shut->at;
  }
  if (const auto shut = times.closed(now)) {
    of.paused = job_pause{shut->why == time_limit::blackout ? "blackout" : "deadline", shut->at};
  }
}

}  // namespace

std::vector<lost_job> lost_jobs(sqlite_store& store, const settings& config) {
  std::map<std::string, std::int64_t> undecided;
  for (const drop_record& drop : store.drops("")) {
    const bool open = drop.state == drop_state::held || drop.state == drop_state::approved ||
                      drop.state == drop_state::working;
    undecided[drop.job] += open ? 1 : 0;
  }
  for (const job_spec& job : config.jobs) undecided.erase(job.name);
  std::vector<lost_job> found;
  for (const auto& [name, drops] : undecided) {
    const job_counts counts = store.counts(name);
    if (counts.pending + counts.dead_letters + drops == 0) continue;
    found.push_back({name, counts.pending, counts.dead_letters, drops});
  }
  return found;
}

status_gathering::status_gathering(composition& all) : all_(all) {
  for (const job_spec& job : all.config().jobs) {
    calendars_.emplace_back(job.name, all.of(job).times);
  }
}

status_gathering::class_windows status_gathering::windows_of(composition& all) {
  class_windows found;
  for (const request_class kind : {request_class::patch, request_class::get}) {
    found.emplace_back(kind, all.sends() ? all.sending().limits(kind) : all.windows(kind));
  }
  return found;
}

status_report status_gathering::gather(const class_windows& windows, bool runs_changed) {
  if (runs_changed || !runs_read_) read_runs();
  status_report made;
  for (const auto& [job, times] : calendars_) {
    made.jobs.push_back(status_of(job));
    tell_times(*times, all_.time().wall(), made.jobs.back());
  }
  tell_apart(made.jobs);
  for (const auto& [kind, limits] : windows) {
    for (const window_limit& limit : limits) {
      made.windows.push_back(
          {kind, limit, all_.store().slots_held(kind, limit.per, all_.time().now())});
    }
  }
  made.runs = runs_;
  made.lost = lost_;
  made.history = history_;
  made.as_of = all_.time().wall();
  for (const owner_request& one : all_.store().requests()) made.asked.push_back(told_of(one));
  made.host = host_name();
  made.version = PATCHBAY_VERSION;
  return made;
}

void status_gathering::read_runs() {
  sqlite_store& store = all_.store();
  runs_.clear();
  for (const run_record& run : store.runs(runs_shown)) {
    runs_.push_back(
        {run.run, run.job, run.outcome, run.dry_run, run.started_at, run.finished_at, {}});
  }
  history_ = recent_runs(store);
  for (past_run& one : runs_) {
    const auto same = std::find_if(history_.begin(), history_.end(),
                                   [&one](const run_summary& run) { return run.run == one.run; });
    if (same != history_.end()) one.reason = same->reason;
  }
  plans_.clear();
  refused_.clear();
  lost_ = lost_jobs(store, all_.config());
  for (const auto& [job, times] : calendars_) {
    if (auto rows = refused_of(store, job)) refused_.emplace(job, std::move(*rows));
  }
  runs_read_ = true;
}

job_status status_gathering::status_of(const std::string& job) {
  sqlite_store& store = all_.store();
  const job_counts counts = store.counts(job);
  job_status made;
  made.name = job;
  made.last_success = counts.last_success;
  made.last_run = counts.last_run;
  made.pending = counts.pending;
  made.oldest_pending = counts.oldest_pending;
  made.dead_letters = counts.dead_letters;
  made.letters_by_code = counts.letters_by_code;
  made.waived = counts.waived;
  if (const auto rows = refused_.find(job); rows != refused_.end()) made.refused = rows->second;
  for (const drop_record& drop : store.drops(job)) {
    if (drop.state == drop_state::working) {
      if (drop.reason.empty()) {
        made.claimed.push_back(drop.file);
      } else {
        made.waiting.push_back({drop.file, drop.reason, {}, {}});
      }
    }
    if (drop.state == drop_state::approved) {
      made.waiting.push_back({lying_name(drop), drop.decision + ": the next run takes it in"});
    }
    if (drop.state == drop_state::admitted && drop.totals.pending > 0) {
      made.owing.push_back({lying_name(drop), drop.totals.pending});
    }
    if (drop.state != drop_state::held) continue;
    const std::optional<run_report>& plan = plan_of(drop);
    made.held.push_back({lying_name(drop), drop.reason, exceeded_of(plan), plan});
  }
  return made;
}

const std::optional<run_report>& status_gathering::plan_of(const drop_record& drop) {
  const auto known = plans_.find(drop.number);
  if (known != plans_.end()) return known->second;
  return plans_.emplace(drop.number, report_of(all_.store(), drop)).first->second;
}

}  // namespace patchbay
