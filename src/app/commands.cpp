#include "patchbay/app/commands.hpp"

#include <iostream>
#include <span>

#include <fnmatch.h>

#include "patchbay/adapter/report/error_text.hpp"

namespace patchbay {
namespace {

/// The job whose directory holds the file, or whose pattern its name matches.
bool belongs_to(const std::filesystem::path& file, const job_spec& job) {
  std::error_code unknown;
  const auto folder = std::filesystem::absolute(file).parent_path();
  if (std::filesystem::equivalent(folder, job.source.directory, unknown)) return true;
  return ::fnmatch(job.source.pattern.c_str(), file.filename().c_str(), 0) == 0;
}

std::string names_of(const std::vector<const job_spec*>& jobs) {
  std::string names;
  for (const job_spec* job : jobs) names += (names.empty() ? "" : ", ") + job->name;
  return names;
}

}  // namespace

exit_code fail(const command_context& context, exit_code code, const fault& why) {
  placed_fault placed;
  placed.code = why.code;
  placed.message = why.message;
  return fail(context, code, placed);
}

exit_code fail(const command_context& context, exit_code code, const placed_fault& why) {
  context.watcher.end_progress();
  if (context.ask.json) std::cout << error_json(why) << std::flush;
  std::cerr << "patchbay: " << error_text(std::span(&why, 1)) << std::flush;
  return code;
}

void print(const command_context& context, const std::string& text) {
  context.watcher.end_progress();
  std::cout << text << std::flush;
}

result<std::vector<const job_spec*>> jobs_asked_for(const invocation& ask, const settings& config) {
  std::vector<const job_spec*> all;
  std::vector<const job_spec*> fitting;
  for (const job_spec& job : config.jobs) {
    all.push_back(&job);
    if (ask.job && *ask.job == job.name) return std::vector<const job_spec*>{&job};
    if (ask.drop_file && belongs_to(*ask.drop_file, job)) fitting.push_back(&job);
  }
  if (ask.job) {
    return fault{"JOB_UNKNOWN",
                 "no job is named " + *ask.job + "; the configuration has: " + names_of(all)};
  }
  if (!ask.drop_file) return all;
  if (fitting.size() == 1) return fitting;
  const std::string which =
      fitting.empty() ? "no job's directory or pattern matches it" : "several jobs match it";
  return fault{"JOB_AMBIGUOUS", ask.drop_file->string() + ": " + which + "; name one with --job (" +
                                    names_of(fitting.empty() ? all : fitting) + ")"};
}

}  // namespace patchbay
