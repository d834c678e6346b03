// The reports of runs as files in report.directory: RUN.json (a line a drop, as --json prints it)
// and RUN.txt. Written whole and renamed, so that nobody reads half of one.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

class report_files {
 public:
  explicit report_files(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Adds the report to its run's files. FILE_NOT_WRITTEN.
  [[nodiscard]] result<void> add(const run_report& report);

 private:
  struct texts {
    std::string json;
    std::string text;
  };
  std::filesystem::path directory_;
  std::string run_;  ///< the run whose texts are kept: drops of one run come in a row
  texts kept_;
};

}  // namespace patchbay
