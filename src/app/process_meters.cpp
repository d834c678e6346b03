#include "process_meters.hpp"

#include <map>

#include <unistd.h>

#include "running_file.hpp"
#include "status_gathering.hpp"
#include "whole_file.hpp"

namespace patchbay {

void process_meters::share_running(composition& all) {
  const auto tell_others = [&all](const std::map<std::string, running_run>& running) {
    const auto write = [&all, running] {
      write_running(all.config().state_path, ::getpid(), running);
    };
    all.ask_store(write, [](const std::exception_ptr&) {});
  };
  tell_others(live.running());
  live.tell_to(tell_others);
}

void process_meters::add(const run_report& report) {
  live.reported(report);
  numbers.add(report);
}

void process_meters::leave_textfile(composition& all) {
  const auto& file = all.config().metrics_textfile;
  if (!file) return;
  numbers.take(status_gathering(all).gather(status_gathering::windows_of(all), true));
  const result<void> written = write_textfile(*file, numbers.text(false));
  if (!written) live.note(severity::warning, "metrics_not_written", written.error().message, {});
}

result<void> write_textfile(const std::filesystem::path& file, const std::string& text) {
  return write_whole(file, text, {.for_all = true, .lasting = false});
}

}  // namespace patchbay
