#include "check_machine.hpp"

#include <filesystem>
#include <optional>

#include <unistd.h>

#include "patchbay/adapter/report/service_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "patchbay/adapter/store/sodium_seal.hpp"
#include "patchbay/adapter/store/state_health.hpp"
#include "patchbay/adapter/system/folder_watch.hpp"
#include "patchbay/adapter/system/machine_zones.hpp"
#include "patchbay/adapter/system/secret_file.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/adapter/web/web_listener.hpp"
#include "patchbay/app/composition.hpp"
#include "patchbay/policy/calendar.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// Below the first, a night may fill the disk; below the second nothing can be promised.
constexpr std::uintmax_t little_space = 1'000'000'000;
constexpr std::uintmax_t no_space = 100'000'000;
constexpr std::chrono::seconds longest_look{30};

bool usable(const fs::path& folder) {
  return ::access(folder.c_str(), R_OK | W_OK | X_OK) == 0;
}

fault unusable(const fs::path& folder) {
  return {"FOLDER_UNUSABLE", folder.string() +
                                 " cannot be read and written by this user: look at its owner and "
                                 "rights, or run as the user of the service"};
}

/// The folder itself, or the nearest one above it that is there.
fs::path there_of(fs::path folder) {
  std::error_code failed;
  while (!fs::exists(folder, failed) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

void check_space(findings& found, const std::string& name, const fs::path& folder) {
  std::error_code failed;
  const fs::space_info space = fs::space(there_of(folder), failed);
  if (failed) return;
  const std::string left =
      bytes_text(static_cast<std::int64_t>(space.available)) + " free for " + folder.string();
  const std::string enough = name + " space";
  const fault low{"SPACE_LOW", left + ": free some, or move it to a larger disk"};
  if (space.available < no_space) return found.wrong(enough, low, exit_code::disk);
  if (space.available < little_space) return found.warn(enough, low);
  found.fine(enough, left);
}

/// Ours: it is made when it is missing, if the nearest folder above it lets us.
void check_own_folder(findings& found, const std::string& name, const fs::path& folder) {
  const fs::path above = there_of(folder);
  std::error_code failed;
  if (!fs::is_directory(above, failed) || !usable(above)) {
    return found.wrong(name, unusable(above), exit_code::configuration);
  }
  found.fine(name, folder.string() + (above == folder ? "" : " will be made at the first start"));
}

void check_drop_folder(findings& found, const job_spec& job) {
  const std::string name = job.name + " directory";
  const fs::path& folder = job.source.directory;
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) {
    return found.wrong(
        name,
        {"FOLDER_MISSING",
         folder.string() + " is no directory: make it, owned by the user that runs patchbay"},
        exit_code::configuration);
  }
  if (!usable(folder)) return found.wrong(name, unusable(folder), exit_code::configuration);
  // Left by somebody else's run, perhaps root's.
  for (const char* const ours : {"working", "held", "failed", "archive", "feedback"}) {
    const fs::path inside = folder / ours;
    if (!fs::exists(inside, failed) || (fs::is_directory(inside, failed) && usable(inside)))
      continue;
    return found.wrong(name, unusable(inside), exit_code::configuration);
  }
  found.fine(name, folder.string());
  check_space(found, name, folder);
  if (const auto why = folder_watch::unwatchable(folder)) {
    found.warn(job.name + " watch", *why);
  } else {
    found.fine(job.name + " watch", "a drop is noticed at once");
  }
}

void check_secret(findings& found, const settings& config) {
  const result<std::string> secret = read_secret_file(config.api.client_secret_file);
  if (!secret) return found.wrong("client secret", secret.error(), exit_code::configuration);
  found.fine("client secret", config.api.client_secret_file.string() + ", readable by nobody else");
}

void check_key(findings& found, const settings& config) {
  std::error_code failed;
  if (!fs::exists(config.key_file, failed)) {
    if (fs::exists(config.state_path / composition::store_file, failed)) {
      return found.warn("seal key",
                        {"SEAL_KEY_MISSING",
                         config.key_file.string() +
                             " is gone: restore it from the backup of the state; else the next "
                             "start makes another, reads sensitive values from the API again, and "
                             "those that wait to be sent become dead letters"});
    }
    return check_own_folder(found, "seal key", config.key_file.parent_path());
  }
  const result<sodium_seal> key = sodium_seal::open_key(config.key_file);
  if (!key) return found.wrong("seal key", key.error(), exit_code::configuration);
  found.fine("seal key", config.key_file.string() + ": keep a backup of it beside the state's");
}

void check_store(findings& found, const settings& config, const clock& time) {
  const fs::path file = config.state_path / composition::store_file;
  std::error_code failed;
  const bool there = fs::exists(file, failed);
  if (failed) {
    return found.wrong("store",
                       {"STATE_UNREADABLE", file.string() + ": " + failed.message() +
                                                ": run as the user of the service"},
                       exit_code::configuration);
  }
  if (!there) return found.fine("store", "none yet: the first run makes it");
  const instant until = time.now() + longest_look;
  const result<state_health> looked =
      look_at_state(file, [&time, until] { return time.now() > until; });
  if (!looked) {
    const bool rights = looked.error().code == "STATE_UNREADABLE";
    return found.wrong("store", looked.error(),
                       rights ? exit_code::configuration : exit_code::disk);
  }
  std::string said = "schema " + std::to_string(looked->version);
  if (looked->version < looked->newest) {
    said += ", brought to " + std::to_string(looked->newest) + " by the next start";
  }
  found.fine("store", said + (looked->whole ? ", undamaged"
                                            : ", undamaged as far as could be seen in 30 s"));
}

void check_owner(findings& found, const settings& config, const clock& time) {
  const auto owner = state_lock::owner_of(config.state_path);
  if (!owner) return found.fine("owner", "nobody works with the state right now");
  const double since = std::chrono::duration<double>(time.wall() - owner->since).count();
  found.fine("owner", "pid " + std::to_string(owner->pid) + " works with the state, for " +
                          span_text(since) + ": a second one would end with 11");
}

/// Where the service listens: tried, unless the service itself may hold it.
void check_door(findings& found, const settings& config) {
  if (!config.http_listen) return;
  const std::string name = "http.listen";
  if (state_lock::owner_of(config.state_path)) {
    return found.fine(name, *config.http_listen + ", not tried: the state's owner may hold it");
  }
  constexpr std::string_view socket_file = "unix:";
  if (config.http_listen->starts_with(socket_file)) {
    const fs::path folder = fs::path(config.http_listen->substr(socket_file.size())).parent_path();
    std::error_code failed;
    const bool there = fs::exists(folder, failed);
    if (!there && !failed && folder.string().starts_with("/run/")) {
      return found.fine(name, *config.http_listen + ": " + folder.string() +
                                  " is not there yet; the service's RuntimeDirectory= makes it");
    }
    if (!there || !usable(folder)) {
      return found.wrong(name, unusable(folder), exit_code::configuration);
    }
  }
  const result<web_listener> door = web_listener::open(*config.http_listen);
  if (!door) return found.wrong(name, door.error(), exit_code::configuration);
  found.fine(name, *config.http_listen + " is free for /status, /metrics, /livez and /readyz");
}

/// The service goes on without it, so that nobody would notice but by old figures.
void check_textfile(findings& found, const settings& config) {
  if (!config.metrics_textfile) return;
  const std::string name = "metrics.textfile";
  const fs::path folder = there_of(config.metrics_textfile->parent_path());
  std::error_code failed;
  if (fs::is_directory(folder, failed) && usable(folder)) {
    return found.fine(name, config.metrics_textfile->string());
  }
  found.warn(name, {"METRICS_NOT_WRITABLE",
                    folder.string() +
                        " is no directory that this user can write: give the user of the service "
                        "the right to; until then no figures are left there"});
}

/// The configuration was refused if the zone were unknown: here it is said what it means.
void check_calendar(findings& found, const job_spec& job, const clock& time) {
  const auto where = machine_zones().find(job.timezone);
  if (!where) return;
  const wall_time now = time.wall();
  std::string said = job.timezone + ", where it is " + hour_text(now, now, *where) + "; ";
  const auto cron =
      job.schedule ? std::optional(cron_schedule::parse(*job.schedule)) : std::nullopt;
  if (cron && *cron) {
    said += "next run " + hour_text((*cron)->next_after(now, *where), now, *where);
  } else {
    said += "runs as soon as a drop is there";
  }
  if (job.deadline) said += ", until " + *job.deadline;
  found.fine(job.name + " schedule", said);
}

}  // namespace

void check_machine(findings& found, const settings& config, const clock& time, bool with_secret) {
  found.fine("configuration",
             config.file.string() + ", " +
                 counted(static_cast<std::int64_t>(config.jobs.size()), "job", "jobs"));
  check_own_folder(found, "state.path", config.state_path);
  check_space(found, "state.path", config.state_path);
  check_store(found, config, time);
  check_owner(found, config, time);
  check_key(found, config);
  check_own_folder(found, "report.directory", config.report_directory);
  check_door(found, config);
  check_textfile(found, config);
  for (const job_spec& job : config.jobs) {
    check_drop_folder(found, job);
    check_calendar(found, job, time);
  }
  // Without network the path may be empty: an operator's shell lacks the service's variables.
  if (with_secret || !config.api.client_secret_file.empty()) check_secret(found, config);
}

}  // namespace patchbay
