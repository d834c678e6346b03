// `patchbay rehearse DROP`: tonight's drop against the rules of the API on a virtual clock, and
// what the night would bring. Sends nothing, writes nothing.
#include "patchbay/adapter/report/rehearsal_text.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "patchbay/engine/values_drop.hpp"
#include "rehearsal.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

struct rehearsal_plan {
  explicit rehearsal_plan(drop_reading from) : reading(std::move(from)) {}
  drop_reading reading;
  plan_ptr made;
  std::optional<stop> stopped;
};

asio::awaitable<void> plan_offline(const std::filesystem::path& drop, plan_options options,
                                   rehearsal_plan& into) {
  auto made = co_await make_plan(into.reading.parts, into.reading.job, drop,
                                 drop.filename().string(), std::move(options));
  if (made) {
    into.made = std::move(*made);
  } else {
    into.stopped = made.error();
  }
}

/// The night begins when the job's schedule says so; a job without one begins now.
wall_time beginning(const service_job& job, wall_time now) {
  return job.times->next_due(now).value_or(now);
}

}  // namespace

exit_code run_rehearse(command_context context) {
  if (const auto missing = drop_missing(context.ask)) {
    return fail(context, exit_code::missing, *missing);
  }
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  auto built = composition::build(context.loaded, reach::offline, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;
  service_job job = all.of(*jobs->front());
  job.parts.intake.api = nullptr;
  const std::filesystem::path& drop = *context.ask.drop_file;
  plan_options options{.list_all = context.ask.list_all};
  options.origin = origin_of(job.parts, drop);
  rehearsal_plan planned(reading_of(job.parts, *job.spec, options.origin));
  all.run(plan_offline(drop, options, planned), [&all] { all.sending().drain(); });
  if (!planned.made) {
    return fail(context, exit_code::stopped,
                fault{planned.stopped->code, planned.stopped->message});
  }
  run_report report = report_of(*planned.made);
  const bool held = report.outcome == run_outcome::held;
  if (report.outcome != run_outcome::failed && !held) {
    report = rehearse_night(all, *job.spec, *planned.made, beginning(job, all.time().wall()));
  }
  report.job = job.spec->name;
  report.dry_run = true;
  const exit_code written =
      hand_out(context, context.ask.json ? run_json(report) : rehearsal_text(report));
  if (written != exit_code::ok) return written;
  return report.outcome == run_outcome::failed ? code_of(report) : exit_code::ok;
}

}  // namespace patchbay
