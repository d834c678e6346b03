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
  // The pid, then a line a job. What waits is said last, for it is a sentence.
  std::ostringstream text;
  text << pid << '\n';
  for (const auto& [job, run] : running) {
    text << job << ' ' << run.run << ' ' << run.stage << ' ' << run.done << ' ' << run.of << ' '
         << run.rejected << ' ' << run.per_second << ' ' << run.since.time_since_epoch().count()
         << ' ' << run.waiting_for << '\n';
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
    std::int64_t since_ms = 0;
    words >> job >> run.run >> run.stage >> run.done >> run.of >> run.rejected >> run.per_second >>
        since_ms;
    if (!words) continue;
    run.since = from_ms(since_ms);
    words.ignore(1);
    std::getline(words, run.waiting_for);
    found.emplace(std::move(job), std::move(run));
  }
  return found;
}

}  // namespace patchbay
