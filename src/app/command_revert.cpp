// `patchbay revert RUN`: a plan back to the values before that run, as the history has them.
#include <algorithm>

#include "own_drop.hpp"
#include "passes.hpp"
#include "patchbay/engine/reverting.hpp"

namespace patchbay {
namespace {

fault unknown_run(sqlite_store& store, const std::string& run) {
  if (store.find_run(run) || !store.written_by(run).first.empty()) {
    return {"RUN_WROTE_NOTHING", "the run " + run +
                                     " changed no customer, or its history is past "
                                     "state.history: there is nothing to revert; a change that was "
                                     "refused is taken back with patchbay dead-letters drop KEY"};
  }
  return {"RUN_UNKNOWN", "no run is named " + run + "; patchbay status shows the last ones"};
}

/// A job that wrote and is no longer configured cannot be written to.
const job_spec* find_job(const settings& config, const std::string& name) {
  const auto found = std::find_if(config.jobs.begin(), config.jobs.end(),
                                  [&name](const job_spec& job) { return job.name == name; });
  return found == config.jobs.end() ? nullptr : &*found;
}

result<std::vector<asked_pass>> pass_back(const settings& config, const std::string& run,
                                          sqlite_store& store, own_drop_folder& folder) {
  const run_traces traces = traces_of(run, store);
  if (traces.empty()) return unknown_run(store, run);
  const job_spec* const job = find_job(config, traces.job);
  if (job == nullptr) {
    return fault{"JOB_UNKNOWN", "the run " + run + " wrote for the job " + traces.job +
                                    ", which the configuration no longer has"};
  }
  reversal made = reverse_run(*job, traces, store);
  const auto fill = [job, &made](std::ostream& out) { write_revert_drop(*job, made, out); };
  auto file = folder.write("revert-" + run + ".csv", fill);
  if (!file) return file.error();
  return std::vector<asked_pass>{{job, std::move(*file), std::move(made.skipped)}};
}

}  // namespace

exit_code run_revert(command_context context) {
  own_drop_folder folder;
  pass_request asked;
  asked.make = [&context, &folder](composition& all) {
    return pass_back(context.config(), context.ask.subjects.front(), all.store(), folder);
  };
  return context.ask.dry_run ? plan_passes(context, asked) : sync_passes(context, asked);
}

}  // namespace patchbay
