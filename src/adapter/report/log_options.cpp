// What kind of log this process's stderr asks for.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "patchbay/adapter/report/log_observer.hpp"

namespace patchbay {
namespace {

constexpr std::size_t usual_width = 80;
constexpr const char* journal_socket = "/run/systemd/journal/socket";

std::size_t stderr_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual_width;
  return size.ws_col;
}

bool set_in_environment(const char* name) {
  const char* text = std::getenv(name);
  return text != nullptr && text[0] != '\0';
}

severity severity_of(const log_wishes& wishes) {
  if (wishes.quiet) return severity::warning;
  if (wishes.verbose > 0 || wishes.level == "debug") return severity::debug;
  if (wishes.level == "warning") return severity::warning;
  return wishes.level == "error" ? severity::error : severity::info;
}

/// systemd.exec(5): JOURNAL_STREAM names device and inode of the stream that stderr was at start.
bool stderr_is_the_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat found {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &found) != 0) return false;
  return std::string(stream) == std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
}

bool journal_listens() {
  struct stat found {};
  return ::stat(journal_socket, &found) == 0 && S_ISSOCK(found.st_mode);
}

}  // namespace

log_options log_options_for(const log_wishes& wishes) {
  log_options options;
  options.least = severity_of(wishes);
  options.details = wishes.verbose > 1;
  options.progress = !wishes.quiet;
  const bool to_journal =
      wishes.format == "journal" || (wishes.format.empty() && stderr_is_the_journal());
  if (wishes.format == "json") options.format = log_format::json;
  if (to_journal) options.format = log_format::journal;
  if (to_journal && journal_listens()) options.journal = journal_socket;
  options.only_log = options.format == log_format::json || (to_journal && stderr_is_the_journal());
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  options.terminal = options.format == log_format::text && !dumb && ::isatty(STDERR_FILENO) == 1;
  options.colour = options.terminal && !wishes.no_color && !set_in_environment("NO_COLOR");
  options.width = &stderr_width;
  return options;
}

}  // namespace patchbay
