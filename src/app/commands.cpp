#include "patchbay/app/commands.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <span>

#include <fnmatch.h>

#include "patchbay/adapter/report/error_text.hpp"
#include "patchbay/adapter/system/machine_zones.hpp"

namespace patchbay {
namespace {

/// Whether the command calls the API, and so needs its secret.
bool calls_the_api(const invocation& ask) {
  switch (ask.what) {
    case command::sync:
    case command::plan:
      return !ask.offline;
    case command::daemon:
    case command::verify:
    case command::adopt:
    case command::revert:
      return true;
    case command::check:
      return !ask.no_network;
    case command::approve:
    case command::discard:
    case command::letters_list:
    case command::letters_show:
    case command::letters_retry:
    case command::letters_drop:
    case command::letters_export:
    case command::rehearse:
    case command::explain:
    case command::status:
    case command::report:
      return false;
  }
  return true;
}

bool lies_in(const std::filesystem::path& file, const std::filesystem::path& folder) {
  std::error_code unknown;
  const auto parent = std::filesystem::absolute(file, unknown).parent_path();
  return !unknown && std::filesystem::equivalent(parent, folder, unknown);
}

/// As the inbox matches it: also before .gz and .zst.
bool fits(const std::filesystem::path& file, const job_spec& job) {
  const bool packed = file.extension() == ".gz" || file.extension() == ".zst";
  const auto fits_pattern = [&job](const std::filesystem::path& name) {
    return ::fnmatch(job.source.pattern.c_str(), name.c_str(), 0) == 0;
  };
  return fits_pattern(file.filename()) || (packed && fits_pattern(file.stem()));
}

/// The folder says more than the name: the jobs of a shop may share their pattern.
std::vector<const job_spec*> jobs_of_drop(const std::filesystem::path& file,
                                          const settings& config) {
  std::vector<const job_spec*> by_folder;
  std::vector<const job_spec*> by_pattern;
  for (const job_spec& job : config.jobs) {
    if (lies_in(file, job.source.directory)) by_folder.push_back(&job);
    if (fits(file, job)) by_pattern.push_back(&job);
  }
  return by_folder.size() == 1 ? by_folder : by_pattern;
}

/// Why stdout could not be written, as errno; 0: it could. As global as stdout is.
int stdout_failed = 0;

void put(const std::string& text) {
  errno = 0;
  std::cout << text << std::flush;
  if (!std::cout && stdout_failed == 0) stdout_failed = errno == 0 ? EIO : errno;
}

std::string names_of(const std::vector<const job_spec*>& jobs) {
  std::string names;
  for (const job_spec* job : jobs) names += (names.empty() ? "" : ", ") + job->name;
  return names;
}

}  // namespace

log_wishes log_wishes_of(const invocation& ask, const settings& config) {
  log_wishes wishes;
  wishes.level = config.log_level;
  wishes.format = ask.log_format.empty() ? config.log_format : ask.log_format;
  wishes.quiet = ask.quiet;
  wishes.verbose = ask.verbose;
  wishes.no_color = ask.no_color;
  return wishes;
}

boost::system::result<loaded_settings, config_faults> settings_of(const invocation& ask) {
  const machine_zones zones;
  const settings_surroundings around{zones, process_environment(), calls_the_api(ask)};
  return load_settings(ask.config, around);
}

exit_code fail(const command_context& context, exit_code code, const fault& why) {
  placed_fault placed;
  placed.code = why.code;
  placed.message = why.message;
  return fail(context, code, placed);
}

exit_code fail(const command_context& context, exit_code code, const placed_fault& why) {
  context.watcher.end_progress();
  if (context.ask.json) put(error_json(why));
  if (context.watcher.note_end(why)) return code;
  // In one piece: the log's own thread writes there, too.
  std::cerr << "patchbay: " + error_text(std::span(&why, 1)) << std::flush;
  return code;
}

void print(const command_context& context, const std::string& text) {
  context.watcher.end_progress();
  put(text);
}

exit_code ended_with(const command_context& context, exit_code code) {
  // Whoever read it has gone away, and wanted no more.
  if (stdout_failed == 0 || stdout_failed == EPIPE) return code;
  const fault why{"OUTPUT_UNWRITABLE", std::string("the standard output cannot be written: ") +
                                           std::strerror(stdout_failed)};
  return worst({fail(context, exit_code::disk, why), code});
}

exit_code hand_out(const command_context& context, const std::string& text) {
  if (!context.ask.output) {
    print(context, text);
    return exit_code::ok;
  }
  std::ofstream file(*context.ask.output, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  if (file) return exit_code::ok;
  return fail(context, exit_code::disk,
              fault{"OUTPUT_UNWRITABLE", context.ask.output->string() + " cannot be written"});
}

result<std::vector<const job_spec*>> jobs_asked_for(const invocation& ask, const settings& config) {
  std::vector<const job_spec*> all;
  for (const job_spec& job : config.jobs) {
    all.push_back(&job);
    if (ask.job && *ask.job == job.name) return std::vector<const job_spec*>{&job};
  }
  if (ask.job) {
    return fault{"JOB_UNKNOWN",
                 "no job is named " + *ask.job + "; the configuration has: " + names_of(all)};
  }
  if (!ask.drop_file) return all;
  const std::vector<const job_spec*> fitting = jobs_of_drop(*ask.drop_file, config);
  if (fitting.size() == 1) return fitting;
  const std::string which =
      fitting.empty() ? "no job's directory or pattern matches it" : "several jobs match it";
  return fault{"JOB_AMBIGUOUS", ask.drop_file->string() + ": " + which + "; name one with --job (" +
                                    names_of(fitting.empty() ? all : fitting) + ")"};
}

std::optional<fault> drop_missing(const invocation& ask) {
  std::error_code unknown;
  if (!ask.drop_file || std::filesystem::exists(*ask.drop_file, unknown)) return std::nullopt;
  return fault{"DROP_MISSING", "there is no file " + ask.drop_file->string()};
}

exit_code fail_unlocked(const command_context& context, const fault& why) {
  if (why.code == "STATE_OWNED") return fail(context, exit_code::owned_by_another, why);
  const bool disk = why.code == "STATE_NOT_WRITTEN";
  return fail(context, disk ? exit_code::disk : exit_code::configuration, why);
}

}  // namespace patchbay
