#include "report_files.hpp"

#include <fstream>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

result<void> write_whole(const fs::path& path, const std::string& text) {
  const fs::path aside = path.string() + ".part";
  std::ofstream file(aside, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  std::error_code failed;
  if (file) {
    // Changed values stand in it: not for everybody.
    fs::permissions(aside, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read,
                    failed);
    if (!failed) fs::rename(aside, path, failed);
  }
  if (!file || failed) {
    return fault{"REPORT_NOT_WRITTEN",
                 path.string() + " cannot be written; patchbay report shows the run all the same"};
  }
  return {};
}

}  // namespace

result<void> report_files::add(const run_report& report) {
  if (report.run != run_) {
    run_ = report.run;
    kept_ = {};
  }
  kept_.json += run_json(report);
  kept_.text += run_text(report);
  std::error_code failed;
  fs::create_directories(directory_, failed);
  const result<void> json = write_whole(directory_ / (run_ + ".json"), kept_.json);
  if (!json) return json;
  return write_whole(directory_ / (run_ + ".txt"), kept_.text);
}

}  // namespace patchbay
