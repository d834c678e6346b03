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

namespace {

/// Ours: a run's name begins with its moment, 20261123T021500Z-.
bool is_report(const std::filesystem::path& path) {
  constexpr std::string_view shape = "ddddddddTddddddZ-";
  const std::string name = path.filename().string();
  const std::string ending = path.extension().string();
  if (ending != ".json" && ending != ".txt" && ending != ".html") return false;
  if (name.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = name[i] >= '0' && name[i] <= '9';
    if (shape[i] == 'd' ? !digit : name[i] != shape[i]) return false;
  }
  return true;
}

}  // namespace

void report_files::forget_old() const {
  std::error_code ignored;
  const auto oldest = std::filesystem::file_time_type::clock::now() - keep_;
  for (const auto& one : std::filesystem::directory_iterator(directory_, ignored)) {
    const bool past = one.is_regular_file(ignored) && one.last_write_time(ignored) < oldest;
    if (past && is_report(one.path())) std::filesystem::remove(one.path(), ignored);
  }
}

result<void> report_files::add(const std::vector<run_report>& run) {
  forget_old();
  std::string json;
  std::string text;
  for (const run_report& one : run) {
    json += run_json(one);
    text += run_text(one);
  }
  std::string page = run_html(run, all_.in_store([this] { return recent_runs(all_.store()); }));
  for (const auto& [ending, content] :
       {std::pair(".json", &json), std::pair(".txt", &text), std::pair(".html", &page)}) {
    const result<void> written = write_whole(directory_ / (run.front().run + ending), *content);
    if (!written) return written;
  }
  return {};
}

void keep(observer& watcher, report_files& files, const std::vector<run_report>& run) {
  if (const auto kept = files.add(run); !kept) {
    watcher.note(severity::warning, "report_not_written", kept.error().message, {});
  }
}

}  // namespace patchbay
