// What a run tells: the run's JSON of docs/formats.md as plain data, filled by engine/, written
// by adapter/report as text or JSON. Lists hold at most `listed` entries unless all are asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/model/drop.hpp"
#include "patchbay/model/fault.hpp"
#include "patchbay/model/instant.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

enum class run_outcome { done, partial, held, stopped, failed };

/// One changed customer: per field the acknowledged value (nullopt: unknown) and the wanted one.
/// Sensitive values are already masked (`"***"`) by whoever makes the entry.
struct change_entry {
  std::string key;
  std::string id;
  std::int64_t line = 0;
  std::map<std::string, std::pair<std::optional<value>, value>> fields;
  /// Of the fields those that the API does not have (yet), and as what they count: pending,
  /// rejected, superseded. Of a dry run, and of a drop that is not admitted: none.
  std::map<std::string, row_class> open = {};

  friend bool operator==(const change_entry&, const change_entry&) = default;
};

struct reject_entry {
  std::string key;  ///< empty when the row had none
  std::string file;
  std::int64_t line = 0;
  std::string column;
  std::string field;
  std::string code;
  std::string message;
  std::string request_id;
};

/// A field that a revert left as it is.
struct skipped_field {
  std::string key;
  std::string field;
  std::string why;
};

struct planned_counts {
  std::int64_t changed = 0;        ///< customers whose wanted this drop changes
  std::int64_t created = 0;        ///< "new": first seen, found at the API
  std::int64_t unresolved = 0;     ///< first seen, not found (or not looked up: --offline)
  std::int64_t not_looked_up = 0;  ///< of the unresolved
  std::int64_t never_seen = 0;     ///< of those not looked up: the state knows nothing of them
  std::int64_t absent = 0;
  std::int64_t invalid = 0;  ///< rows that could not be read or mapped
  std::int64_t waived = 0;
  std::map<std::string, std::int64_t> fields;
};

struct carried_counts {
  std::int64_t in = 0;
  std::int64_t applied = 0;
  std::int64_t rejected = 0;
  std::int64_t superseded = 0;
  std::int64_t pending = 0;
};

struct request_counts {
  std::int64_t patch = 0;
  std::int64_t get = 0;
  std::int64_t token = 0;
  std::int64_t retried = 0;    ///< repeats after an answer other than 429, or after none
  std::int64_t throttled = 0;  ///< 429s
};

/// The word for it in JSON and in the state.
[[nodiscard]] std::string_view outcome_name(run_outcome outcome);

/// What was counted since `then`.
[[nodiscard]] inline request_counts operator-(const request_counts& now,
                                              const request_counts& then) {
  return {.patch = now.patch - then.patch,
          .get = now.get - then.get,
          .token = now.token - then.token,
          .retried = now.retried - then.retried,
          .throttled = now.throttled - then.throttled};
}

struct estimate_entry {
  std::int64_t requests = 0;  ///< PATCHes, backlog first
  double seconds = 0;
  wall_time finishes_at{};
  bool meets_deadline = true;
  std::optional<wall_time> deadline = std::nullopt;
  std::int64_t fits = 0;  ///< of the requests, those that are answered before the deadline
};

struct budget_entry {
  std::string name;   ///< changes, rejects, absent, fields.email.changes, ROWS_FELL, …
  std::string limit;  ///< as configured: 20% or 500
  std::string value;  ///< in the unit of the limit: 0.03% or 12
  bool exceeded = false;
  std::string detail;  ///< which columns, which rows before and now; empty: the numbers say it all
};

enum class limits_source {
  configured,  ///< api.limits
  token,       ///< the mode of the last access token
  assumed,     ///< the live API's: no token was seen yet
};

/// How fast the API was taken to let us write.
struct limits_entry {
  limits_source source = limits_source::assumed;
  std::optional<bool> test_mode = std::nullopt;  ///< nullopt: nobody knows
  window_limits windows;
};

struct run_report {
  std::string run;  ///< 20261123T021500Z-erp-customers
  std::string job;
  bool dry_run = false;
  run_outcome outcome = run_outcome::done;
  wall_time as_of{};
  std::optional<drop_record> drop;  ///< nullopt: work on older drops alone
  patchbay::totals totals;
  carried_counts carried;
  planned_counts planned;
  request_counts requests;
  estimate_entry estimate;
  std::vector<budget_entry> budgets;
  std::vector<reject_entry> rejects;
  std::vector<change_entry> changes;
  std::vector<skipped_field> skipped;
  std::optional<limits_entry> limits;  ///< of a rehearsal
  bool truncated = false;              ///< a list was cut
  wall_time started_at{};
  wall_time finished_at{};
  std::optional<fault> error;  ///< outcome failed: why
  std::string reason;          ///< held, stopped: why, in a sentence
};

/// A run in a line, the sums of its drops and of what it did for older ones: what other runs of the
/// job are compared with.
struct run_summary {
  std::string run;
  std::string job;
  run_outcome outcome = run_outcome::done;  ///< the worst of its drops
  bool dry_run = false;
  wall_time started_at{};
  wall_time finished_at{};
  patchbay::totals totals;
  std::int64_t changed = 0;
  std::int64_t patches = 0;
  std::vector<std::string> drops = {};  ///< their names; none: work on older drops alone
  std::string reason = {};              ///< why it was held, stopped or failed
};

}  // namespace patchbay
