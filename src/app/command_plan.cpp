// `patchbay plan` (and `sync -n`): the dry run. Reads drops in place, writes nothing but the
// slots that its GETs lease.
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "patchbay/policy/estimate.hpp"
#include "patchbay/policy/windows.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

struct plan_outcome {
  std::vector<run_report> reports;
  std::optional<stop> stopped;
  std::optional<fault> refused;
};

/// Claimed by a run that did not get to admit them: the next one goes on with them.
std::vector<waiting_drop> claimed_drops(composition& built, const service_job& job) {
  constexpr std::string_view working = "working/";
  std::vector<waiting_drop> claimed;
  for (const drop_record& drop : built.store().drops(job.spec->name)) {
    if (drop.state != drop_state::working || !drop.stored_as.starts_with(working)) continue;
    waiting_drop one;
    one.path = job.parts.spool.path_of(drop.stored_as.substr(working.size()), folder::working);
    one.file = drop.file;
    claimed.push_back(std::move(one));
  }
  return claimed;
}

/// What a sync would pick up now: the named file, or what was claimed and what is waiting, of
/// snapshots the newest alone.
result<std::vector<waiting_drop>> drops_to_plan(composition& built, const service_job& job,
                                                const invocation& ask) {
  if (ask.drop_file) {
    waiting_drop named;
    named.path = *ask.drop_file;
    named.file = ask.drop_file->filename().string();
    return std::vector<waiting_drop>{named};
  }
  result<std::vector<waiting_drop>> waiting = job.parts.spool.waiting();
  if (!waiting) return waiting;
  const std::vector<waiting_drop> claimed = claimed_drops(built, job);
  waiting->insert(waiting->begin(), claimed.begin(), claimed.end());
  if (waiting->empty()) return waiting;
  if (job.spec->source.mode == drop_mode::snapshot) {
    waiting->erase(waiting->begin(), waiting->end() - 1);
  }
  return waiting;
}

/// The estimate counts from the job's next schedule, when the plan would be carried out.
sending_pace pace_of(const service_job& job, wall_time now) {
  sending_pace pace;
  if (job.parts.pace) pace = job.parts.pace();
  if (job.next_schedule) pace.begins = job.next_schedule(now);
  if (job.next_deadline) pace.deadline = job.next_deadline(pace.begins.value_or(now));
  return pace;
}

asio::awaitable<void> plan_job(composition& built, service_job job, const invocation& ask,
                               plan_outcome& outcome) {
  const result<std::vector<waiting_drop>> drops = drops_to_plan(built, job, ask);
  if (!drops) {
    outcome.refused = drops.error();
    co_return;
  }
  if (ask.offline) job.parts.intake.api = nullptr;
  const run_start begun = co_await begin_run(job.parts, *job.spec, built.sending().reader());
  request_counts before = begun.requests;
  for (const waiting_drop& drop : *drops) {
    plan_options options{
        .list_all = ask.list_all, .ignore_budgets = false, .pace = {}, .admits = false};
    options.pace = pace_of(job, begun.at);
    unless_stopped<plan_ptr> made =
        co_await make_plan(job.parts.intake, *job.spec, drop.path, drop.file, options);
    if (!made) {
      outcome.stopped = made.error();
      co_return;
    }
    run_report report = report_of(**made);
    report.run = begun.run;
    report.job = job.spec->name;
    report.dry_run = true;
    report.started_at = begun.at;
    report.finished_at = report.as_of = built.time().wall();
    const request_counts now = built.sending().reader().requests();
    report.requests.get = now.get - before.get;
    report.requests.token = now.token - before.token;
    report.requests.retried = now.retried - before.retried;
    report.requests.throttled = now.throttled - before.throttled;
    before = now;
    outcome.reports.push_back(std::move(report));
  }
}

/// With nothing to pick up, a sync delivers what is pending from before.
void plan_backlog(composition& built, const service_job& job, plan_outcome& outcome) {
  const wall_time now = built.time().wall();
  const std::int64_t pending = built.store().count_pending(job.spec->name, now);
  if (pending == 0) return;
  run_report report;
  report.job = job.spec->name;
  report.dry_run = true;
  report.outcome = run_outcome::done;
  report.carried.in = report.carried.pending = pending;
  report.started_at = report.finished_at = report.as_of = now;
  const sending_pace pace = pace_of(job, now);
  estimate_basis basis;
  basis.requests = pending;
  basis.windows = pace.windows.empty() ? api_limits(request_class::patch, false) : pace.windows;
  basis.sessions = pace.sessions;
  basis.begins = pace.begins.value_or(now);
  basis.deadline = pace.deadline;
  report.estimate = estimate_sending(basis);
  outcome.reports.push_back(std::move(report));
}

asio::awaitable<void> plan_jobs(composition& built, std::vector<const job_spec*> jobs,
                                const invocation& ask, plan_outcome& outcome) {
  for (const job_spec* job : jobs) {
    const service_job one = built.of(*job);
    const std::size_t before = outcome.reports.size();
    co_await plan_job(built, one, ask, outcome);
    if (outcome.stopped || outcome.refused) break;
    if (outcome.reports.size() == before && !ask.drop_file) plan_backlog(built, one, outcome);
  }
}

bool changes_pend(const std::vector<run_report>& reports) {
  for (const run_report& report : reports) {
    if (report.totals.pending + report.totals.held + report.carried.pending > 0) return true;
  }
  return false;
}

}  // namespace

exit_code run_plan(command_context context) {
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  if (const auto missing = drop_missing(context.ask)) {
    return fail(context, exit_code::missing, *missing);
  }
  const reach how_far = context.ask.offline ? reach::offline : reach::read;
  auto built = composition::build(context.loaded, how_far, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;

  plan_outcome outcome;
  all.run(plan_jobs(all, *jobs, context.ask, outcome), [&all] { all.sending().drain(); });

  std::vector<exit_code> codes;
  for (const run_report& report : outcome.reports) {
    print(context, context.ask.json ? run_json(report) : run_text(report));
    if (report.outcome == run_outcome::failed) codes.push_back(code_of(report));
  }
  if (outcome.refused) return fail(context, code_of(*outcome.refused), *outcome.refused);
  if (outcome.stopped) {
    return fail(context, code_of(outcome.stopped->why),
                fault{outcome.stopped->code, outcome.stopped->message});
  }
  if (outcome.reports.empty() && !context.ask.json) {
    print(context, "Nothing is waiting to be picked up.\n");
  }
  if (!codes.empty()) return worst(codes);
  if (context.ask.detailed_exitcode && changes_pend(outcome.reports)) {
    return exit_code::changes_pending;
  }
  return exit_code::ok;
}

}  // namespace patchbay
