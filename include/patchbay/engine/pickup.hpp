// Picking up: what lies in a job's drop directory becomes admitted, held, superseded or failed,
// and every file ends up where the store says it belongs. Idempotent: killed at any instruction,
// the next start goes on from what the store and the folders hold. Loop thread; owner only.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/intake.hpp"
#include "patchbay/port/run_store.hpp"

namespace patchbay {

struct pickup_parts {
  intake_parts intake;
  inbox& spool;
  run_store& runs;
  std::function<sending_pace()> pace = {};  ///< for the estimate, asked when a plan is made
  milliseconds history = std::chrono::hours(24 * 90);  ///< how long runs and history are kept
  // Of drops that patchbay writes itself; nullptr: there are none.
  drop_opener* values_opener = nullptr;
  line_set* values_lines = nullptr;  ///< knows none
};

struct pickup_options {
  bool list_all = false;
  std::optional<std::filesystem::path> named;  ///< `sync DROP.csv`: this file alone
  bool claim_waiting = true;                   ///< false: only what was claimed or approved before
  std::vector<skipped_field> skipped = {};     ///< of the named file: told in its report
  /// Files of which an earlier pass has told that they could not be taken.
  std::set<std::string> told = {};
};

/// Reports of the drops that were picked up, in the order in which they count, as of their
/// admission; those left over from a killed process come first. A stop (the API cannot be read)
/// leaves the drop in working/ for the next pass.
struct picked_up {
  std::vector<run_report> reports;
  std::optional<stop> stopped;
  bool unseen = false;  ///< the drop directory could not be looked into
  /// Files that could not be taken for now, and nothing tells when they can: to be tried again
  /// after a pause.
  std::set<std::string> left_lying;
  bool unclaimed = false;  ///< one of them is still where the ERP has put it
};
[[nodiscard]] boost::asio::awaitable<picked_up> pick_up(pickup_parts parts, const job_spec& job,
                                                        std::string run, pickup_options options);

/// The drop's file is not where it was, or no longer: nothing was decided about it.
[[nodiscard]] bool is_missing(const run_report& report);

/// What a plan depends on beside the drop's bytes: the configuration, and what was admitted last.
/// Settles in between do not make it another.
[[nodiscard]] std::string plan_basis(const job_spec& job, const std::vector<drop_record>& known);
/// An approval is for the plan that was reviewed; any other is held, with `stale_approval`.
[[nodiscard]] bool same_plan(const drop_record& reviewed, const run_report& now,
                             const std::string& basis);
constexpr std::string_view stale_approval =
    "what was approved is not what would be sent now: review it again";

/// Moves files whose drop is admitted, held, failed or put away out of the folder where a killed
/// process left them.
[[nodiscard]] boost::asio::awaitable<void> restore_files(pickup_parts parts, const job_spec& job);

}  // namespace patchbay
