// `patchbay verify`: how far the API is from what it last confirmed. Reads, writes nothing.
#include "patchbay/adapter/report/drift_text.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "patchbay/engine/verifying.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

struct verified {
  std::vector<drift_report> reports;
  std::optional<stop> stopped;
};

asio::awaitable<void> verify_jobs(composition& built, std::vector<const job_spec*> jobs,
                                  verify_options options, verified& outcome) {
  for (const job_spec* job : jobs) {
    const service_job one = built.of(*job);
    unless_stopped<drift_report> made = co_await verify_job(one.parts.intake, *job, options);
    if (!made) {
      outcome.stopped = made.error();
      co_return;
    }
    outcome.reports.push_back(std::move(*made));
  }
}

}  // namespace

exit_code run_verify(command_context context) {
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  auto built = composition::build(context.loaded, reach::read, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;
  const verify_options options{
      context.ask.sample, static_cast<std::uint64_t>(all.time().wall().time_since_epoch().count())};
  verified outcome;
  all.run(verify_jobs(all, *jobs, options, outcome), [&all] { all.sending().drain(); });
  bool drifted = false;
  for (const drift_report& report : outcome.reports) {
    print(context, context.ask.json ? drift_json(report) : drift_text(report));
    drifted = drifted || !report.drifted.empty() || !report.missing.empty();
  }
  if (outcome.stopped) {
    return fail(context, code_of(outcome.stopped->why),
                fault{outcome.stopped->code, outcome.stopped->message});
  }
  const bool tells = context.ask.detailed_exitcode && drifted;
  return tells ? exit_code::changes_pending : exit_code::ok;
}

}  // namespace patchbay
