// `patchbay status`: jobs, pending, windows, held drops, last runs; from the store, beside the
// owner.
#include <algorithm>

#include "patchbay/adapter/report/status_text.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "running_file.hpp"
#include "status_gathering.hpp"

namespace patchbay {
namespace {

void tell_dropped(composition& all, status_report& into) {
  for (const job_spec& job : all.config().jobs) {
    const auto waiting = all.of(job).parts.spool.waiting();
    for (job_status& one : into.jobs) {
      if (one.name != job.name) continue;
      if (!waiting) {
        one.away = waiting.error().message;
        continue;
      }
      one.dropped.emplace();
      for (const waiting_drop& drop : *waiting) one.dropped->push_back(drop.file);
    }
  }
}

/// A run that was killed stands in no list of those that ended.
void tell_cut_off(composition& all, status_report& into) {
  const auto last = all.store().unreported();
  if (!last) return;
  // Who owns the state since before then has it in hand.
  if (into.owner && into.owner->since <= last->at) return;
  past_run cut;
  cut.run = last->run;
  cut.job = last->job;
  cut.outcome = "cut off";
  cut.finished_at = last->at;
  cut.reason = "its process ended before it could report; what it wrote: patchbay explain CUSTOMER";
  const auto later = [&cut](const past_run& one) { return one.started_at >= cut.finished_at; };
  const auto place = std::find_if_not(into.runs.begin(), into.runs.end(), later);
  into.runs.insert(place, std::move(cut));
}

}  // namespace

exit_code run_status(command_context context) {
  auto built = composition::build(context.loaded, reach::look, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;
  status_report made = status_gathering(all).gather(status_gathering::windows_of(all), true);
  tell_dropped(all, made);
  const std::filesystem::path& state = context.config().state_path;
  if (const auto owner = state_lock::owner_of(state)) {
    made.owner = owner_status{owner->pid, owner->since};
    auto running = read_running(state, owner->pid);
    for (job_status& job : made.jobs) {
      const auto found = running.find(job.name);
      if (found != running.end()) job.running = std::move(found->second);
    }
  }
  tell_cut_off(all, made);
  print(context, context.ask.json ? status_json(made) : status_text(made, all.time().wall()));
  return exit_code::ok;
}

}  // namespace patchbay
