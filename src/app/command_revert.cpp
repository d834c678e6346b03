// `patchbay revert RUN`: a plan back to the values before that run, as the history has them.
#include <algorithm>

#include "own_drop.hpp"
#include "passes.hpp"
#include "patchbay/engine/reverting.hpp"
#include "patchbay/engine/values_drop.hpp"

namespace patchbay {
namespace {

fault unknown_run(sqlite_store& store, const std::string& run) {
  if (store.find_run(run)) {
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
  const auto [name, written] = store.written_by(run);
  const std::vector<std::string> left = store.left_by(run);
  if (written.empty() && left.empty()) return unknown_run(store, run);
  const job_spec* const job = find_job(config, name);
  if (job == nullptr) {
    return fault{"JOB_UNKNOWN", "the run " + run + " wrote for the job " + name +
                                    ", which the configuration no longer has"};
  }
  std::vector<std::string> keys = left;
  for (const written_field& one : written) keys.push_back(one.key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  reversal made = reverse_run(*job, written, left, store.lookup(job->name, keys));
  const auto fill = [job, &made](std::ostream& out) {
    out << revert_header(*job);
    for (const auto& [key, fields] : made.back) out << revert_row(*job, key, fields);
  };
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
