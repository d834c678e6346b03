#include "patchbay/adapter/report/log_observer.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log_line.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr auto redraw_after = std::chrono::milliseconds(100);
constexpr auto plain_after = std::chrono::seconds(10);
constexpr std::size_t queue_lines = 8192;
constexpr std::size_t usual_width = 80;
constexpr std::string_view clear_line = "\r\x1b[K";

spdlog::level::level_enum level_of(severity how) {
  switch (how) {
    case severity::debug:
      return spdlog::level::debug;
    case severity::info:
      return spdlog::level::info;
    case severity::warning:
      return spdlog::level::warn;
    case severity::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Writes the payload as it is: line ends and the progress line are ours.
class stderr_sink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::fwrite(message.payload.data(), 1, message.payload.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }
};

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

}  // namespace

struct log_observer::state {
  log_options options;
  const clock& time;
  std::shared_ptr<spdlog::details::thread_pool> writer;  ///< outlives the logger
  std::shared_ptr<spdlog::logger> logger;
  std::string line;  ///< the progress line that stands on the terminal; empty: none
  std::string line_stage;
  std::optional<instant> drawn;
  std::map<std::string, instant> said;  ///< by job: the last plain progress line

  void write(severity how, const std::string& text) {
    logger->log(level_of(how), spdlog::string_view_t(text.data(), text.size()));
  }
  void draw(const progress& now);
  void say(const progress& now);
};

std::string progress_text(const progress& now) {
  std::string text = printable(now.job) + ": " + printable(now.stage);
  text += " " + grouped(now.done);
  if (now.of > 0) {
    const std::int64_t percent = now.done >= now.of ? 100 : now.done * 100 / now.of;
    text += " of " + grouped(now.of) + " (" + std::to_string(percent) + "%)";
  }
  if (now.of_bytes > 0) {
    text += ", " + bytes_text(now.bytes) + " of " + bytes_text(now.of_bytes);
  }
  if (now.per_second > 0) {
    std::array<char, 32> rate{};
    std::snprintf(rate.data(), rate.size(), now.per_second < 10 ? "%.1f" : "%.0f", now.per_second);
    text += now.per_second < 1000 ? ", " + std::string(rate.data()) + "/s"
                                  : ", " + grouped(std::llround(now.per_second)) + "/s";
    if (now.of > now.done) {
      text += ", " + span_text(static_cast<double>(now.of - now.done) / now.per_second) + " left";
    }
  }
  if (now.rejected > 0) text += ", " + grouped(now.rejected) + " rejected";
  if (!now.waiting_for.empty()) text += ", waits for " + printable(now.waiting_for);
  return text;
}

void log_observer::state::draw(const progress& now) {
  const instant at = time.now();
  const bool finished = now.of > 0 && now.done >= now.of;
  if (drawn && at - *drawn < redraw_after && line_stage == now.stage && !finished) return;
  const std::size_t width = options.width ? options.width() : usual_width;
  const std::string fresh = clipped(progress_text(now), width > 1 ? width - 1 : 1);
  drawn = at;
  line_stage = now.stage;
  if (fresh == line) return;
  line = fresh;
  write(severity::info, std::string(clear_line) + line);
  logger->flush();
}

void log_observer::state::say(const progress& now) {
  const instant at = time.now();
  const auto [last, first] = said.try_emplace(now.job, at);
  if (first || at - last->second < plain_after) return;
  last->second = at;
  const log_fields fields{{"job", now.job},
                          {"stage", now.stage},
                          {"done", std::to_string(now.done)},
                          {"of", std::to_string(now.of)},
                          {"rejected", std::to_string(now.rejected)}};
  const std::string text = progress_text(now);
  write(severity::info,
        log_line({severity::info, "progress", text, fields, time.wall()}, options) + "\n");
}

log_options log_options_for(const log_wishes& wishes) {
  log_options options;
  options.least = severity_of(wishes);
  options.details = wishes.verbose > 1;
  options.progress = !wishes.quiet;
  if (wishes.format == "json") options.format = log_format::json;
  if (wishes.format == "journal") options.format = log_format::journal;
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  options.terminal = options.format == log_format::text && !dumb && ::isatty(STDERR_FILENO) == 1;
  options.colour = options.terminal && !wishes.no_color && !set_in_environment("NO_COLOR");
  options.width = &stderr_width;
  return options;
}

log_observer::log_observer(log_options options, const clock& time)
    : log_observer(options, time, std::make_shared<stderr_sink>()) {
  if (state_->options.terminal) return;
  const spdlog::sink_ptr sink = state_->logger->sinks().front();
  state_->writer = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
  state_->logger = std::make_shared<spdlog::async_logger>(
      "patchbay", sink, state_->writer, spdlog::async_overflow_policy::overrun_oldest);
  state_->logger->set_level(level_of(state_->options.least));
  state_->logger->flush_on(spdlog::level::debug);
}

log_observer::log_observer(log_options options, const clock& time, spdlog::sink_ptr sink)
    : state_(new state{.options = std::move(options),
                       .time = time,
                       .writer = {},
                       .logger = {},
                       .line = {},
                       .line_stage = {},
                       .drawn = {},
                       .said = {}}) {
  state_->logger = std::make_shared<spdlog::logger>("patchbay", std::move(sink));
  state_->logger->set_level(level_of(state_->options.least));
}

log_observer::~log_observer() {
  end_progress();
  state_->logger->flush();
}

void log_observer::note(severity how, std::string_view event, std::string_view text,
                        const log_fields& fields) {
  if (how < state_->options.least) return;
  std::string out;
  if (!state_->line.empty()) out += clear_line;
  out += log_line({how, event, text, fields, state_->time.wall()}, state_->options) + "\n";
  out += state_->line;
  state_->write(how, out);
}

void log_observer::advance(const progress& now) {
  if (!state_->options.progress || state_->options.least > severity::info) return;
  if (state_->options.terminal) {
    state_->draw(now);
  } else {
    state_->say(now);
  }
}

void log_observer::end_progress() {
  if (state_->line.empty()) return;
  state_->line.clear();
  state_->drawn.reset();
  state_->write(severity::error, std::string(clear_line));
  state_->logger->flush();
}

}  // namespace patchbay
