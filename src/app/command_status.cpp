// `patchbay status`: jobs, pending, windows, held drops, last runs; from the store, beside the
// owner.
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/status_text.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {
namespace {

constexpr std::size_t runs_shown = 10;
constexpr std::size_t runs_searched = 200;

/// The budgets that the run which held the drop found exceeded.
std::vector<budget_entry> exceeded_of(sqlite_store& store, const drop_record& drop) {
  for (const run_record& run : store.runs(runs_searched)) {
    const result<std::vector<run_report>> reports = parse_runs(run.json);
    if (!reports) continue;
    for (const run_report& report : *reports) {
      if (!report.drop || report.drop->file != drop.file || report.job != drop.job) continue;
      std::vector<budget_entry> exceeded = report.budgets;
      std::erase_if(exceeded, [](const budget_entry& one) { return !one.exceeded; });
      return exceeded;
    }
  }
  return {};
}

job_status status_of(composition& all, const job_spec& job) {
  sqlite_store& store = all.store();
  const job_counts counts = store.counts(job.name);
  job_status made;
  made.name = job.name;
  made.last_success = counts.last_success;
  made.pending = counts.pending;
  made.dead_letters = counts.dead_letters;
  made.waived = counts.waived;
  const service_job calendar = all.of(job);
  const wall_time now = all.time().wall();
  made.next_run = calendar.times->next_due(now);
  if (made.next_run) {
    if (const auto shut = calendar.times->closed(*made.next_run)) made.next_run = shut->at;
  }
  if (const auto shut = calendar.times->closed(now)) {
    made.paused = job_pause{shut->why == time_limit::blackout ? "blackout" : "deadline", shut->at};
  }
  for (const drop_record& drop : store.drops(job.name)) {
    if (drop.state == drop_state::working && !drop.reason.empty()) {
      made.waiting.push_back({drop.file, drop.reason, {}});
    }
    if (drop.state != drop_state::held) continue;
    made.held.push_back({lying_name(drop), drop.reason, exceeded_of(store, drop)});
  }
  return made;
}

}  // namespace

exit_code run_status(command_context context) {
  auto built = composition::build(context.loaded, reach::look, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;
  status_report made;
  for (const job_spec& job : context.config().jobs) made.jobs.push_back(status_of(all, job));
  for (const request_class kind : {request_class::patch, request_class::get}) {
    for (const window_limit& limit : all.windows(kind)) {
      made.windows.push_back(
          {kind, limit, all.store().slots_held(kind, limit.per, all.time().now())});
    }
  }
  if (const auto owner = state_lock::owner_of(context.config().state_path)) {
    made.owner = owner_status{owner->pid, owner->since};
  }
  for (const run_record& run : all.store().runs(runs_shown)) {
    made.runs.push_back(
        {run.run, run.job, run.outcome, run.dry_run, run.started_at, run.finished_at});
  }
  print(context, context.ask.json ? status_json(made) : status_text(made, all.time().wall()));
  return exit_code::ok;
}

}  // namespace patchbay
