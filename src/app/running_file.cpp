#include "running_file.hpp"

#include <fstream>
#include <sstream>
#include <system_error>

#include "whole_file.hpp"

namespace patchbay {
namespace {

std::filesystem::path file_in(const std::filesystem::path& state) {
  return state / "running";
}

/// A name or a sentence of others as one cell.
std::string cell(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\n') c = ' ';
  }
  return text;
}

wall_time from_ms(std::int64_t ms) {
  return wall_time(milliseconds(ms));
}

}  // namespace

void write_running(const std::filesystem::path& state, std::int64_t pid,
                   const std::map<std::string, running_run>& running) {
  if (running.empty()) {
    std::error_code ignored;
    std::filesystem::remove(file_in(state), ignored);
    return;
  }
  // The pid, then a line a job: its cells stand between tabs.
  std::ostringstream text;
  text << pid << '\n';
  for (const auto& [job, run] : running) {
    text << job << '\t' << run.run << '\t' << run.stage << '\t' << cell(run.drop) << '\t'
         << cell(run.waiting_for) << '\t' << run.done << ' ' << run.of << ' ' << run.rejected << ' '
         << run.per_second << ' ' << run.since.time_since_epoch().count() << '\n';
  }
  const result<void> written =
      write_whole(file_in(state), text.str(), {.for_all = false, .lasting = false});
  if (!written) return;
}

std::map<std::string, running_run> read_running(const std::filesystem::path& state,
                                                std::int64_t pid) {
  std::map<std::string, running_run> found;
  std::ifstream from(file_in(state));
  std::int64_t writer = 0;
  std::string line;
  if (!(from >> writer) || writer != pid) return found;
  std::getline(from, line);
  while (std::getline(from, line)) {
    std::istringstream words(line);
    std::string job;
    running_run run;
    for (std::string* const one : {&job, &run.run, &run.stage, &run.drop, &run.waiting_for}) {
      std::getline(words, *one, '\t');
    }
    std::int64_t since_ms = 0;
    words >> run.done >> run.of >> run.rejected >> run.per_second >> since_ms;
    if (!words) continue;
    run.since = from_ms(since_ms);
    found.emplace(std::move(job), std::move(run));
  }
  return found;
}

}  // namespace patchbay
