// `patchbay sync`: one pass over what has been dropped, until it is settled or its deadline.
#include <iostream>

#include <boost/asio/co_spawn.hpp>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/adapter/system/signal_watch.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

struct sync_outcome {
  std::vector<exit_code> codes;
  std::optional<stop> stopped;
  bool printed = false;
};

asio::awaitable<void> pass_over(composition& built, std::vector<const job_spec*> jobs,
                                pickup_options options, sync_outcome& outcome) {
  for (const job_spec* job : jobs) {
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
  const auto jobs = jobs_asked_for(context.ask, context.config);
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  const auto lock = state_lock::take(context.config.state_path);
  if (!lock) return fail(context, exit_code::owned_by_another, lock.error());
  auto built = composition::build(context.config, reach::own, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());

  sync_outcome outcome;
  const bool json = context.ask.json;
  (*built)->nights().tell_reports_to([json, &outcome](const run_report& report) {
    std::cout << (json ? run_json(report) : run_text(report)) << std::flush;
    outcome.printed = true;
  });
  pickup_options options;
  options.list_all = context.ask.list_all;
  options.named = context.ask.drop_file;
  signal_watch signals((*built)->loop());
  signals.on_first([&built] { (*built)->nights().drain(); });
  std::exception_ptr failed;
  asio::co_spawn((*built)->loop(), pass_over(**built, *jobs, options, outcome),
                 [&failed, &signals](std::exception_ptr thrown) {
                   failed = thrown;
                   signals.close();
                 });
  (*built)->loop().run();
  if (failed) std::rethrow_exception(failed);
  const exit_code code = worst(outcome.codes);
  if (outcome.stopped) {
    const fault why{outcome.stopped->code, outcome.stopped->message};
    if (!outcome.printed) return fail(context, code, why);
    context.watcher.note(severity::error, "stopped", why.message, {});
  }
  return code;
}

}  // namespace patchbay
