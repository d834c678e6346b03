// The reports of runs as files in report.directory: RUN.json (a line a drop, as --json prints it),
// RUN.txt and RUN.html. Written whole and renamed, so that nobody reads half of one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "patchbay/app/composition.hpp"
#include "patchbay/model/fault.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

/// The newest first; runs that cannot be read any more are passed over.
[[nodiscard]] std::vector<run_summary> recent_runs(sqlite_store& store);

class report_files {
 public:
  /// `keep`: older reports are removed when a new one is written.
  explicit report_files(composition& all)
      : directory_(all.config().report_directory), keep_(all.config().report_keep), all_(all) {}

  /// Writes the files of a run, of all its reports. FILE_NOT_WRITTEN.
  [[nodiscard]] result<void> add(const std::vector<run_report>& run);

 private:
  void forget_old() const;

  std::filesystem::path directory_;
  milliseconds keep_;
  composition& all_;
};

/// Where they cannot be written, that is noted: the store has the run all the same.
void keep(observer& watcher, report_files& files, const std::vector<run_report>& run);

}  // namespace patchbay
