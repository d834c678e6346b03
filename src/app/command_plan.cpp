// `patchbay plan` (and `sync -n`): the dry run. Reads drops in place, writes nothing but the
// slots that its GETs lease.
#include "passes.hpp"
#include "patchbay/adapter/report/run_html.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/adapter/report/status_text.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "patchbay/engine/values_drop.hpp"
#include "patchbay/policy/estimate.hpp"
#include "patchbay/policy/windows.hpp"
#include "planned_drops.hpp"
#include "report_files.hpp"
#include "status_gathering.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

struct plan_outcome {
  std::vector<run_report> reports;
  std::optional<stop> stopped;
  std::optional<fault> refused;
};

/// The estimate counts from the job's next schedule, when the plan would be carried out.
sending_pace pace_of(const service_job& job, wall_time now) {
  sending_pace pace;
  if (job.parts.pace) pace = job.parts.pace();
  pace.begins = job.times->next_due(now);
  const wall_time from = pace.begins.value_or(now);
  if (const auto closed = job.times->closed(from)) pace.begins = closed->at;
  const auto ends = job.times->ends(pace.begins.value_or(now));
  if (ends && ends->why == time_limit::deadline) pace.deadline = ends->at;
  return pace;
}

/// One job's drops, one after the other, as a sync would take them in.
class dry_run {
 public:
  dry_run(composition& built, asked_pass asked, const invocation& ask, plan_outcome& outcome)
      : built_(built),
        asked_(std::move(asked)),
        job_(built.of(*asked_.job)),
        ask_(ask),
        outcome_(outcome) {
    if (ask.offline) job_.parts.intake.api = nullptr;
  }

  asio::awaitable<void> go() {
    result<drop_queue> queue = queue_drops(built_, job_, asked_.drop);
    if (!queue) {
      outcome_.refused = queue.error();
      co_return;
    }
    begun_ = co_await begin_run(job_.parts, *job_.spec, built_.sending().reader(job_.spec->name));
    while (const queued_drop* const next = queue->next()) {
      const drop_state ends = co_await plan_one(*next, queue->order_of(*next));
      if (outcome_.stopped) co_return;
      queue->ended(*next, ends);
    }
  }

 private:
  /// The state in which a sync would leave it.
  asio::awaitable<drop_state> plan_one(queued_drop drop, order_verdict order) {
    if (!drop.marker || order.standing == drop_standing::behind) {
      run_report report;
      report.drop = drop.record;
      if (drop.marker) {
        report.outcome = run_outcome::held;
        report.reason = order_in_words(order);
      } else {
        report.outcome = run_outcome::failed;
        report.error = drop.marker.error();
        report.reason = report.error->message;
      }
      co_return tell(std::move(report));
    }
    const bool approved = drop.record.state == drop_state::approved;
    plan_options options{.list_all = ask_.list_all, .ignore_budgets = approved, .admits = false};
    options.pace = pace_of(job_, begun_.at);
    if (*drop.marker) options.expected_rows = (*drop.marker)->rows;
    options.origin = drop.record.origin;
    options.skipped = asked_.skipped;
    const drop_reading reading = reading_of(job_.parts, *job_.spec, options.origin);
    unless_stopped<plan_ptr> made =
        co_await make_plan(reading.parts, reading.job, drop.path, drop.record.file, options);
    if (!made) {
      outcome_.stopped = made.error();
      co_return drop_state::working;
    }
    const std::string basis = plan_basis(*job_.spec, begun_.drops);
    const bool stale =
        approved && (!admitted_.empty() || !same_plan(drop.record, report_of(**made), basis));
    if (stale) {
      hold_plan(**made, std::string(stale_approval));
    } else if (!approved) {
      hold_plan(**made, order_in_words(order));
    }
    co_return tell(report_of(**made));
  }

  drop_state tell(run_report report) {
    report.run = begun_.run;
    report.job = job_.spec->name;
    report.dry_run = true;
    report.started_at = begun_.at;
    report.finished_at = report.as_of = built_.time().wall();
    const request_counts now = built_.sending().reader(job_.spec->name).requests();
    report.requests = now - begun_.requests;
    begun_.requests = now;
    const run_outcome outcome = report.outcome;
    tell_admitted_before(report);
    outcome_.reports.push_back(std::move(report));
    if (outcome == run_outcome::failed) return drop_state::failed;
    return outcome == run_outcome::held ? drop_state::held : drop_state::admitted;
  }

  /// Of several that wait each is compared with what the store knows now: a sync admits one before
  /// it looks at the next.
  void tell_admitted_before(run_report& report) {
    if (!report.drop || report.outcome == run_outcome::failed) return;
    if (!admitted_.empty()) {
      report.reason += (report.reason.empty() ? "" : "; ") +
                       ("planned as if " + admitted_ +
                        " were not admitted before it: a customer of both is compared again then, "
                        "and counts may differ");
    }
    if (report.outcome == run_outcome::held) return;
    admitted_ += (admitted_.empty() ? "" : ", ") + report.drop->file;
  }

  composition& built_;
  asked_pass asked_;
  service_job job_;
  const invocation& ask_;
  plan_outcome& outcome_;
  run_start begun_;
  std::string admitted_;  ///< the drops that a sync would have admitted by now
};

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

asio::awaitable<void> plan_jobs(composition& built, std::vector<asked_pass> passes,
                                const invocation& ask, plan_outcome& outcome) {
  for (const asked_pass& one : passes) {
    const std::size_t before = outcome.reports.size();
    dry_run dry(built, one, ask, outcome);
    co_await dry.go();
    if (outcome.stopped || outcome.refused) break;
    if (outcome.reports.size() == before && !one.drop) {
      plan_backlog(built, built.of(*one.job), outcome);
    }
  }
}

std::string told(composition& all, const invocation& ask, const std::vector<run_report>& reports) {
  if (!ask.json && ask.format == "html") return run_html(reports, recent_runs(all.store()));
  std::string text;
  for (const run_report& report : reports) {
    text += ask.json || ask.format == "json" ? run_json(report) : run_text(report);
  }
  return text;
}

bool changes_pend(const std::vector<run_report>& reports) {
  for (const run_report& report : reports) {
    if (report.totals.pending + report.totals.held + report.carried.pending > 0) return true;
  }
  return false;
}

}  // namespace

exit_code plan_passes(command_context context, const pass_request& asked) {
  const reach how_far = context.ask.offline ? reach::offline : reach::read;
  auto built = composition::build(context.loaded, how_far, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;
  result<std::vector<asked_pass>> passes = asked.make(all);
  if (!passes) return fail(context, code_of(passes.error()), passes.error());

  plan_outcome outcome;
  all.run(plan_jobs(all, std::move(*passes), context.ask, outcome),
          [&all] { all.sending().drain(); });

  std::vector<exit_code> codes;
  if (!outcome.reports.empty()) {
    const exit_code written = hand_out(context, told(all, context.ask, outcome.reports));
    if (written != exit_code::ok) return written;
  }
  const bool as_text =
      !context.ask.json && context.ask.format != "html" && context.ask.format != "json";
  if (as_text) print(context, asked_for_text(status_gathering(all).gather({}, false)));
  for (const run_report& report : outcome.reports) {
    if (report.outcome == run_outcome::failed) codes.push_back(code_of(report));
  }
  if (outcome.refused) return fail(context, code_of(*outcome.refused), *outcome.refused);
  if (outcome.stopped) {
    return fail(context, code_of(outcome.stopped->why),
                fault{outcome.stopped->code, outcome.stopped->message});
  }
  if (outcome.reports.empty() && !context.ask.json) {
    print(context, nothing_done(all, asked));
  }
  if (!codes.empty()) return worst(codes);
  if (context.ask.detailed_exitcode && changes_pend(outcome.reports)) {
    return exit_code::changes_pending;
  }
  return exit_code::ok;
}

exit_code run_plan(command_context context) {
  if (const auto missing = drop_missing(context.ask)) {
    return fail(context, exit_code::missing, *missing);
  }
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  const pass_request asked{
      [&jobs, &context](composition&) { return whole_jobs(*jobs, context.ask); },
      "Nothing is waiting to be picked up and nothing is pending", *jobs};
  return plan_passes(context, asked);
}

}  // namespace patchbay
