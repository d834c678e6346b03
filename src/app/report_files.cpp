#include "report_files.hpp"

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "whole_file.hpp"

namespace patchbay {

result<void> report_files::add(const run_report& report) {
  if (report.run != run_) {
    run_ = report.run;
    kept_ = {};
  }
  kept_.json += run_json(report);
  kept_.text += run_text(report);
  const result<void> json = write_whole(directory_ / (run_ + ".json"), kept_.json);
  if (!json) return json;
  return write_whole(directory_ / (run_ + ".txt"), kept_.text);
}

}  // namespace patchbay
