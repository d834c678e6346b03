// `patchbay sync`: one pass over what has been dropped, until it is settled or its deadline.
#include "feedback_files.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "report_files.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

struct sync_outcome {
  std::vector<exit_code> codes;
  std::optional<stop> stopped;
  bool printed = false;
  bool draining = false;
};

asio::awaitable<void> pass_over(composition& built, std::vector<const job_spec*> jobs,
                                pickup_options options, sync_outcome& outcome) {
  for (const job_spec* job : jobs) {
    if (outcome.draining) {
      outcome.codes.push_back(exit_code::stopped);
      outcome.stopped =
          stop{stop_cause::drained, "DRAINED", "told to stop before the job " + job->name};
      break;
    }
    const service_job one = built.of(*job);
    const pass_result made = co_await built.nights().run_job(one, options);
    for (const run_report& report : made.reports) outcome.codes.push_back(code_of(report));
    if (!made.stopped) continue;
    outcome.codes.push_back(code_of(made.stopped->why));
    outcome.stopped = made.stopped;
    if (made.stopped->why != stop_cause::deadline) break;
  }
}

}  // namespace

exit_code run_sync(command_context context) {
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  if (const auto missing = drop_missing(context.ask)) {
    return fail(context, exit_code::missing, *missing);
  }
  const auto lock = state_lock::take(context.config().state_path);
  if (!lock) return fail_unlocked(context, lock.error());
  auto built = composition::build(context.loaded, reach::own, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;

  sync_outcome outcome;
  report_files files(context.config().report_directory, context.config().report_keep, all.store());
  feedback_files feedback(all, context.watcher);
  all.nights().tell_older_to([&feedback](const drop_record& drop) { feedback.tell(drop); });
  all.nights().tell_reports_to([&](const run_report& report) {
    feedback.tell(report);
    if (const auto kept = files.add(report); !kept) {
      context.watcher.note(severity::warning, "report_not_written", kept.error().message, {});
    }
    print(context, context.ask.json ? run_json(report) : run_text(report));
    outcome.printed = true;
  });
  pickup_options options;
  options.list_all = context.ask.list_all;
  options.named = context.ask.drop_file;
  all.run(pass_over(all, *jobs, options, outcome), [&all, &outcome] {
    outcome.draining = true;
    all.nights().drain();
  });

  const exit_code code = worst(outcome.codes);
  if (outcome.stopped) {
    const fault why{outcome.stopped->code, outcome.stopped->message};
    if (!outcome.printed) return fail(context, code, why);
    context.watcher.note(severity::error, "stopped", why.message, {});
  }
  if (!outcome.printed && !outcome.stopped && !context.ask.json) {
    print(context, "Nothing was dropped and nothing is pending: in sync.\n");
  }
  return code;
}

}  // namespace patchbay
