// `patchbay sync`: one pass over what has been dropped, until it is settled or its deadline.
#include <algorithm>

#include "feedback_files.hpp"
#include "passes.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/adapter/report/status_text.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "process_meters.hpp"
#include "report_files.hpp"
#include "status_gathering.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

struct sync_outcome {
  std::vector<exit_code> codes;
  std::optional<stop> stopped;
  bool printed = false;
  bool draining = false;
};

asio::awaitable<void> pass_over(composition& built, std::vector<asked_pass> passes, bool list_all,
                                sync_outcome& outcome) {
  for (const asked_pass& asked : passes) {
    if (outcome.draining) {
      outcome.codes.push_back(exit_code::stopped);
      outcome.stopped =
          stop{stop_cause::drained, "DRAINED", "told to stop before the job " + asked.job->name};
      break;
    }
    const service_job one = built.of(*asked.job);
    pickup_options options;
    options.list_all = list_all;
    options.named = asked.drop;
    options.skipped = asked.skipped;
    const pass_result made = co_await built.nights().run_once(one, options);
    for (const run_report& report : made.reports) outcome.codes.push_back(code_of(report));
    if (!made.stopped) continue;
    outcome.codes.push_back(code_of(made.stopped->why));
    outcome.stopped = made.stopped;
    if (made.stopped->why != stop_cause::deadline) break;
  }
}

}  // namespace

std::vector<asked_pass> whole_jobs(const std::vector<const job_spec*>& jobs,
                                   const invocation& ask) {
  std::vector<asked_pass> passes;
  for (const job_spec* job : jobs) passes.push_back({job, ask.drop_file, {}});
  return passes;
}

std::string nothing_done(composition& all, const pass_request& asked) {
  if (asked.jobs.empty()) return asked.nothing;
  const auto asked_for = [&asked](const std::string& name) {
    return std::any_of(asked.jobs.begin(), asked.jobs.end(),
                       [&name](const job_spec* job) { return job->name == name; });
  };
  status_report now = status_gathering(all).gather({}, true);
  std::erase_if(now.jobs, [&](const job_status& job) { return !asked_for(job.name); });
  return standing_text(now, asked.nothing);
}

exit_code sync_passes(command_context context, const pass_request& asked) {
  const auto lock = state_lock::take(context.config().state_path);
  if (!lock) return fail_unlocked(context, lock.error());
  asio::io_context unused;
  const real_clock time(unused);
  process_meters meters(context.watcher, time);
  auto built = composition::build(context.loaded, reach::own, meters.live, &meters.numbers);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;
  meters.share_running(all);
  result<std::vector<asked_pass>> passes = asked.make(all);
  if (!passes) return fail(context, code_of(passes.error()), passes.error());

  sync_outcome outcome;
  report_files files(all);
  feedback_files feedback(all, context.watcher);
  all.nights().tell_older_to([&feedback](const drop_record& drop) { feedback.tell(drop); });
  all.nights().tell_producers_with(
      [&feedback](const run_report& report) { feedback.tell(report); });
  all.nights().tell_reports_to([&](const run_report& report) {
    meters.add(report);
    print(context, context.ask.json ? run_json(report) : run_text(report));
    outcome.printed = true;
  });
  all.nights().tell_runs_to(
      [&](const std::vector<run_report>& run) { keep(context.watcher, files, run); });
  all.run(pass_over(all, std::move(*passes), context.ask.list_all, outcome), [&all, &outcome] {
    outcome.draining = true;
    all.nights().drain();
  });
  meters.leave_textfile(all);

  const exit_code code = worst(outcome.codes);
  if (outcome.stopped) {
    const fault why{outcome.stopped->code, outcome.stopped->message};
    if (!outcome.printed) return fail(context, code, why);
    context.watcher.note(severity::error, "stopped", why.message, {});
  }
  if (!outcome.printed && !outcome.stopped && !context.ask.json) {
    print(context, nothing_done(all, asked));
  }
  return code;
}

exit_code run_sync(command_context context) {
  if (const auto missing = drop_missing(context.ask)) {
    return fail(context, exit_code::missing, *missing);
  }
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  const pass_request asked{
      [&jobs, &context](composition&) { return whole_jobs(*jobs, context.ask); },
      "Nothing was dropped and nothing is pending", *jobs};
  return sync_passes(context, asked);
}

}  // namespace patchbay
