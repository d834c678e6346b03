// The commands. Each gets the invocation and the settings, prints results to stdout and all else
// to stderr, and says with which code the process ends. One file a command in src/app.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "patchbay/adapter/report/log_observer.hpp"
#include "patchbay/app/command_line.hpp"
#include "patchbay/app/exit_code.hpp"
#include "patchbay/app/settings.hpp"
#include "patchbay/model/job.hpp"

namespace patchbay {

/// What every command is given.
struct command_context {
  const invocation& ask;
  const loaded_settings& loaded;
  log_observer& watcher;

  [[nodiscard]] const settings& config() const { return loaded.values; }
};

[[nodiscard]] exit_code run_sync(command_context context);
[[nodiscard]] exit_code run_plan(command_context context);
[[nodiscard]] exit_code run_daemon(command_context context);
[[nodiscard]] exit_code run_decision(command_context context);  ///< approve, discard
[[nodiscard]] exit_code run_dead_letters(command_context context);
exit_code run_explain(command_context context);
exit_code run_verify(command_context context);
[[nodiscard]] exit_code run_adopt(command_context context);
[[nodiscard]] exit_code run_revert(command_context context);
[[nodiscard]] exit_code run_rehearse(command_context context);
[[nodiscard]] exit_code run_status(command_context context);
[[nodiscard]] exit_code run_report_command(command_context context);
[[nodiscard]] exit_code run_check(command_context context);

/// Says why a command ends: text on stderr and, with --json, the error object on stdout.
exit_code fail(const command_context& context, exit_code code, const fault& why);
exit_code fail(const command_context& context, exit_code code, const placed_fault& why);
/// Writes to stdout, with the progress line out of the way.
void print(const command_context& context, const std::string& text);
/// The code with which a command ends that did what `code` says: 74 where its output was lost.
[[nodiscard]] exit_code ended_with(const command_context& context, exit_code code);
/// The command's result, on stdout or to the file that --output names. OUTPUT_UNWRITABLE (74).
exit_code hand_out(const command_context& context, const std::string& text);

/// The jobs asked for: all, the one named by --job, or the one that DROP.csv belongs to.
/// JOB_UNKNOWN, JOB_AMBIGUOUS (both 64).
[[nodiscard]] result<std::vector<const job_spec*>> jobs_asked_for(const invocation& ask,
                                                                  const settings& config);
/// DROP.csv was named and is not there (66): said before anything is made or locked.
[[nodiscard]] std::optional<fault> drop_missing(const invocation& ask);
/// The lock could not be taken: owned by another (11), or the state cannot be used (78).
exit_code fail_unlocked(const command_context& context, const fault& why);
/// The configuration that the command line names, read as the command needs it.
[[nodiscard]] boost::system::result<loaded_settings, config_faults> settings_of(
    const invocation& ask);
/// What the command line says of the log counts, and else what the configuration says.
[[nodiscard]] log_wishes log_wishes_of(const invocation& ask, const settings& config);

}  // namespace patchbay
