#include "report_files.hpp"

#include "patchbay/adapter/report/run_history.hpp"
#include "patchbay/adapter/report/run_html.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "whole_file.hpp"

namespace patchbay {

std::vector<run_summary> recent_runs(sqlite_store& store) {
  constexpr std::size_t most = 40;
  std::vector<run_summary> found;
  for (const run_record& run : store.runs(most)) {
    const result<std::vector<run_report>> reports = parse_runs(run.json);
    const auto summary = reports ? summary_of(*reports) : std::nullopt;
    if (summary) found.push_back(*summary);
  }
  return found;
}

result<void> report_files::add(const run_report& report) {
  if (!kept_.empty() && kept_.front().run != report.run) kept_.clear();
  kept_.push_back(report);
  std::string json;
  std::string text;
  for (const run_report& one : kept_) {
    json += run_json(one);
    text += run_text(one);
  }
  std::string page = run_html(kept_, recent_runs(store_));
  for (const auto& [ending, content] :
       {std::pair(".json", &json), std::pair(".txt", &text), std::pair(".html", &page)}) {
    const result<void> written = write_whole(directory_ / (report.run + ending), *content);
    if (!written) return written;
  }
  return {};
}

}  // namespace patchbay
