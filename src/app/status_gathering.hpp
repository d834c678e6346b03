// Gathers what status tells: from the store, the jobs' calendars and the runs before. What is
// costly to read (the JSON of runs) is kept until a run has ended. Blocking: on the store's lane,
// or where nobody else uses the store.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "patchbay/app/composition.hpp"
#include "patchbay/model/status.hpp"
#include "patchbay/policy/timetable.hpp"

namespace patchbay {

/// Jobs of which the store still owes something and which the configuration does not have.
[[nodiscard]] std::vector<lost_job> lost_jobs(sqlite_store& store, const settings& config);

class status_gathering {
 public:
  explicit status_gathering(composition& all);

  using class_windows = std::vector<std::pair<request_class, window_limits>>;
  /// The windows in force: asked for on the loop.
  [[nodiscard]] static class_windows windows_of(composition& all);

  /// `runs_changed`: a run has ended since the last time.
  [[nodiscard]] status_report gather(const class_windows& windows, bool runs_changed);

 private:
  [[nodiscard]] job_status status_of(const std::string& job);
  [[nodiscard]] const std::optional<run_report>& plan_of(const drop_record& drop);
  void read_runs();

  composition& all_;
  std::vector<std::pair<std::string, std::shared_ptr<const timetable>>> calendars_;
  bool runs_read_ = false;
  std::vector<past_run> runs_;
  std::vector<lost_job> lost_;
  std::vector<run_summary> history_;
  std::map<std::string, refused_rows> refused_;             ///< by job
  std::map<drop_number, std::optional<run_report>> plans_;  ///< of held drops
};

}  // namespace patchbay
