#include "patchbay/adapter/report/log_observer.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <span>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>

#include "log_line.hpp"
#include "log_repeats.hpp"
#include "log_sinks.hpp"
#include "patchbay/adapter/report/error_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr auto redraw_after = std::chrono::milliseconds(100);
constexpr auto plain_after = std::chrono::seconds(10);
constexpr std::size_t queue_lines = 8192;
constexpr std::size_t usual_columns = 80;
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

log_entry entry_of(const log_repeats::count& counted, const std::string& text,
                   const log_fields& fields, wall_time when) {
  return {counted.over ? severity::info : counted.how, counted.event, text, fields, when};
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
  log_repeats repeats;
  customer_naming name_of;

  [[nodiscard]] bool names_customers() const { return options.least == severity::debug; }
  [[nodiscard]] log_fields shown(const log_fields& fields) const;
  void put(const log_entry& entry);
  void put_counts(bool all);
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

/// Who a customer is stays out of the log, and so does what the API says of one: it may quote. At
/// the level debug somebody looks for just that.
log_fields log_observer::state::shown(const log_fields& fields) const {
  log_fields out;
  for (const auto& [name, text] : fields) {
    if (name == "customer") {
      if (name_of) out.emplace_back(name, name_of(text));
      if (names_customers()) out.emplace_back("customer_key", text);
    } else if (names_customers() || (name != "id" && name != "detail")) {
      out.emplace_back(name, text);
    }
  }
  return out;
}

void log_observer::state::put(const log_entry& entry) {
  if (!options.journal.empty()) return write(entry.how, journal_datagram(entry));
  std::string out;
  if (!line.empty()) out += clear_line;
  out += log_line(entry, options) + "\n";
  out += line;
  write(entry.how, out);
}

void log_observer::state::put_counts(bool all) {
  for (const log_repeats::count& counted : repeats.due(time.now(), all)) {
    log_fields fields = counted.fields;
    fields.emplace_back("repeated", std::to_string(counted.times));
    put(entry_of(counted, repeat_text(counted), fields, time.wall()));
  }
}

void log_observer::state::draw(const progress& now) {
  const instant at = time.now();
  const bool finished = now.of > 0 && now.done >= now.of;
  if (drawn && at - *drawn < redraw_after && line_stage == now.stage && !finished) return;
  const std::size_t width = options.width ? options.width() : usual_columns;
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
  put({severity::info, "progress", text, fields, time.wall()});
}

log_observer::log_observer(log_options options, const clock& time)
    : log_observer(options, time,
                   options.journal.empty() ? stderr_sink() : journal_sink(options.journal)) {
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
                       .said = {},
                       .repeats = {},
                       .name_of = {}}) {
  state_->logger = std::make_shared<spdlog::logger>("patchbay", std::move(sink));
  state_->logger->set_level(level_of(state_->options.least));
}

log_observer::~log_observer() {
  end_progress();
  state_->put_counts(true);
  state_->logger->flush();
}

void log_observer::note(severity how, std::string_view event, std::string_view text,
                        const log_fields& fields) {
  if (!shows(how)) return;
  state_->put_counts(false);
  const log_fields shown = state_->shown(fields);
  const log_entry entry{how, event, text, shown, state_->time.wall()};
  const bool counted = how >= severity::warning && !state_->names_customers();
  if (!counted || state_->repeats.is_new(entry, state_->time.now())) state_->put(entry);
}

bool log_observer::note_end(const placed_fault& why) {
  if (!state_->options.only_log) return false;
  std::string text = error_text(std::span(&why, 1));
  text.pop_back();
  note(severity::error, "command_failed", text, {{"code", why.code}});
  return true;
}

void log_observer::advance(const progress& now) {
  state_->put_counts(false);
  if (!state_->options.progress || state_->options.least > severity::info) return;
  if (state_->options.terminal) {
    state_->draw(now);
  } else {
    state_->say(now);
  }
}

bool log_observer::shows(severity how) const {
  return how >= state_->options.least;
}

void log_observer::name_customers(customer_naming name) {
  state_->name_of = std::move(name);
}

void log_observer::set_least(severity how) {
  state_->options.least = how;
  state_->logger->set_level(level_of(how));
}

void log_observer::look() {
  state_->put_counts(false);
}

void log_observer::end_progress() {
  if (state_->line.empty()) return;
  state_->line.clear();
  state_->drawn.reset();
  state_->write(severity::error, std::string(clear_line));
  state_->logger->flush();
}

}  // namespace patchbay
