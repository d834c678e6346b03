// Intake: drop → plan → admitted (or held, or failed). A dry run is the same code and ends after
// the plan. Coroutines on the loop thread; rows are read on `rows`, the store on `store_lane`.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/api_reader.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/window.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/drop_reader.hpp"
#include "patchbay/port/inbox.hpp"
#include "patchbay/port/intake_store.hpp"
#include "patchbay/port/lane.hpp"
#include "patchbay/port/line_set.hpp"
#include "patchbay/port/observer.hpp"
#include "patchbay/port/plan_spool.hpp"
#include "patchbay/port/seal.hpp"

namespace patchbay {

/// What intake works with; everything outlives it.
struct intake_parts {
  intake_store& store;
  lane& store_lane;
  lane& rows;
  drop_opener& opener;
  line_set& lines;
  api_reader* api;  ///< nullptr: --offline, customers never seen before count as unresolved
  seal& sealing;
  clock& time;
  observer& watcher;
  std::string base_path = "/api";  ///< the path of api.base_url
  plan_spool_maker make_spool;
};

/// How fast PATCHes may leave and until when: what the estimate is made from.
struct sending_pace {
  window_limits windows = {};                        ///< of PATCH; empty: the API's live limits
  std::optional<wall_time> begins = std::nullopt;    ///< the next schedule; nullopt: now
  std::optional<wall_time> deadline = std::nullopt;  ///< nullopt: none
  int sessions = 8;
};

struct plan_options {
  bool list_all = false;        ///< list every change and reject, not only the first 1,000
  bool ignore_budgets = false;  ///< an approved drop
  sending_pace pace = {};
  bool admits = true;  ///< false: a dry run, which keeps nothing for the admit
  std::optional<std::int64_t> expected_rows =
      std::nullopt;  ///< its marker says so; nullopt: nobody
  drop_origin origin = drop_origin::erp;
  std::vector<skipped_field> skipped = {};  ///< left out of a revert's drop: told in its report
};

/// A planned drop: the report as of now, and what admit() needs. Spool lives with it.
class plan;
struct plan_close {
  void operator()(plan* made) const;
};
using plan_ptr = std::unique_ptr<plan, plan_close>;
/// The columns that .rejected.csv adds: such a drop is a delta, whatever the job's mode.
[[nodiscard]] bool holds_corrections(std::span<const std::string> header);
/// Every row that was refused while planning, in the order of the drop.
[[nodiscard]] std::vector<reject_entry> rejects_of(const plan& made);

/// Reads, diffs and resolves `path`. Writes nothing but the slots that its GETs lease.
/// `dry_run` decides how what would be applied is counted until admit: `pending` either way.
/// A malformed drop: a report with outcome failed and `error` (65), or (66) when it is missing.
[[nodiscard]] boost::asio::awaitable<unless_stopped<plan_ptr>> make_plan(intake_parts parts,
                                                                         const job_spec& job,
                                                                         std::filesystem::path path,
                                                                         std::string file,
                                                                         plan_options options);

[[nodiscard]] run_report& report_of(plan& made);
/// The customers that the admit would stage a row for, sorted.
[[nodiscard]] std::vector<std::string> changed_keys(const plan& made);

/// Holds a plan for a reason that its budgets do not know; its rows are counted as held. An empty
/// reason, or a plan that failed or is held already, changes nothing but an empty reason's place.
void hold_plan(plan& made, const std::string& reason);

/// Raises `wanted`: learn, lines leave the set (fsynced), stage in sorted groups, flip, lines of
/// unchanged parsed rows enter. `drop` is already registered (state working or approved).
/// DROP_CHANGED: the file was touched while it was read; it must go back to the spool.
[[nodiscard]] boost::asio::awaitable<result<void>> admit_plan(intake_parts parts,
                                                              const job_spec& job, plan& made,
                                                              drop_number drop);

}  // namespace patchbay
