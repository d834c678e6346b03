// What `patchbay status` tells, as plain data: gathered by app/ from the store and the calendar,
// written by adapter/report as text or JSON.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

/// A drop that waits for `approve` or `discard`.
struct held_drop {
  std::string drop = {};  ///< the name that approve and discard take
  std::string reason = {};
  std::vector<budget_entry> exceeded = {};
  std::optional<run_report> plan = {};  ///< of the run that held it; without rejects and changes
  std::string whose = {};  ///< its job, where another job holds one of that name: to be said, too
};

/// Rows of the newest export that were refused before anything was sent, and stay so.
struct refused_rows {
  std::string drop = {};  ///< the name under which its feedback lies
  std::int64_t rows = 0;
};

/// A drop with changes that are still to be sent.
struct owing_drop {
  std::string drop = {};
  std::int64_t pending = 0;
};

/// What somebody has asked for, and the owner of the state, or the next one, will carry out.
struct asked_for {
  std::string what = {};     ///< approve, discard, retry, retry all dead letters, drop
  std::string subject = {};  ///< a drop; a customer's key; empty: all
  bool of_customer = false;  ///< the subject is a customer's key
  std::string who = {};
  wall_time at{};
};

/// What the owner of the state is doing for a job right now.
struct running_run {
  std::string run = {};
  std::string stage = {};  ///< as in port/observer's progress
  std::int64_t done = 0;
  std::int64_t of = 0;  ///< 0: unknown
  wall_time since{};
  std::int64_t rejected = 0;
  double per_second = 0;         ///< 0: unknown
  std::string drop = {};         ///< the last one that was begun with; empty: older drops
  std::string waiting_for = {};  ///< why nothing is sent right now; empty while it is
};

/// The target answers nobody.
struct silence {
  wall_time since{};
  std::string why = {};  ///< what is waited for, in a sentence
  std::optional<wall_time> next_try = {};
};

/// Nothing of the job may be started right now.
struct job_pause {
  std::string reason = {};  ///< deadline, blackout
  wall_time until{};
};

struct job_status {
  std::string name = {};
  std::optional<wall_time> next_run = {};  ///< absent: as soon as a drop is there
  std::optional<wall_time> last_success = {};
  std::optional<wall_time> last_run = {};  ///< the end of the last that did not fail as a whole
  std::int64_t pending = 0;
  std::optional<wall_time> oldest_pending = {};  ///< admission of the oldest drop with pending rows
  std::int64_t dead_letters = 0;
  std::map<std::string, std::int64_t> letters_by_code = {};  ///< customers
  std::int64_t waived = 0;
  std::vector<owing_drop> owing = {};  ///< the oldest first
  /// Lie in the job's folder, and are not taken in yet; nullopt: nobody has looked.
  std::optional<std::vector<std::string>> dropped = {};
  std::string away = {};  ///< why that folder cannot be looked into; empty: it can, or nobody has
  /// Taken out of that folder and not taken in yet: the run that is on does it, or the next one,
  /// where a run was stopped or killed before.
  std::vector<std::string> claimed = {};
  std::vector<held_drop> held = {};
  std::vector<held_drop> waiting = {};  ///< behind one that is held or failed; nothing to decide
  std::optional<refused_rows> refused = {};
  std::optional<running_run> running = {};
  std::optional<job_pause> paused = {};
};

struct window_status {
  request_class kind = request_class::patch;
  window_limit limit;
  std::int64_t used = 0;  ///< slots held right now
};

/// The process that owns the state (daemon, sync).
struct owner_status {
  std::int64_t pid = 0;
  wall_time since{};
};

/// One line of the last runs.
struct past_run {
  std::string run = {};
  std::string job = {};
  std::string outcome = {};  ///< as in the run's JSON
  bool dry_run = false;
  wall_time started_at{};
  wall_time finished_at{};
  std::string reason = {};  ///< why it was held, stopped or failed
};

/// A job that the configuration no longer has (removed, or renamed), and what it still owes.
struct lost_job {
  std::string name;
  std::int64_t pending = 0;
  std::int64_t dead_letters = 0;
  std::int64_t drops = 0;  ///< held, approved or claimed, and not taken in
};

struct status_report {
  std::vector<job_status> jobs = {};
  std::vector<window_status> windows = {};
  std::optional<owner_status> owner = {};
  std::vector<past_run> runs = {};  ///< the newest first
  wall_time as_of{};
  std::vector<run_summary> history = {};  ///< the newest first
  std::optional<silence> silent = {};
  std::vector<asked_for> asked = {};  ///< in their order
  std::vector<lost_job> lost = {};    ///< of those that owe something
  std::string host = {};
  std::string version = {};
};

}  // namespace patchbay
