// The log and the progress line, on stderr or in the journal: port/observer over spdlog. On a
// terminal, one line is rewritten in place and lines of the log pass above it; elsewhere a plain
// line says every ten seconds how far things are, and writing happens on a thread of its own, so
// that a reader who does not read cannot stall the loop (then the oldest lines are lost, never
// time). A repeated warning or error is said once and then counted; customers are named by a keyed
// hash alone, but for the level debug. Owned by main, called on the loop thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <spdlog/common.h>

#include "patchbay/model/placed_fault.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/observer.hpp"

namespace patchbay {

enum class log_format { text, json, journal };

struct log_options {
  severity least = severity::info;
  log_format format = log_format::text;
  bool details = false;   ///< text: also the event's name and its fields
  bool terminal = false;  ///< progress is one line, rewritten; lines have no time of their own
  bool colour = false;
  bool progress = true;
  bool only_log = false;  ///< stderr is read as this log: json, or the journal's stream
  std::filesystem::path journal = {};  ///< its socket: entries with fields; empty: lines on stderr
  std::function<std::size_t()> width = {};  ///< of the terminal, in columns; empty: 80
};

/// What the command line and the configuration say of the log.
struct log_wishes {
  std::string level = "info";  ///< error, warning, info, debug
  std::string format = "";     ///< text, json, journal; empty: journal where stderr is, else text
  bool quiet = false;          ///< -q: warnings and errors, no progress
  int verbose = 0;             ///< -v: debug too; -vv: with events and fields
  bool no_color = false;
};

/// The options for this process's stderr: asks whether it is a terminal, and how wide, or the
/// journal's stream; NO_COLOR and TERM=dumb are heeded.
[[nodiscard]] log_options log_options_for(const log_wishes& wishes);

class log_observer final : public observer {
 public:
  log_observer(log_options options, const clock& time);
  /// For tests: to another sink, without a thread.
  log_observer(log_options options, const clock& time, spdlog::sink_ptr sink);
  /// Everything that was noted is written.
  ~log_observer() override;

  void note(severity how, std::string_view event, std::string_view text,
            const log_fields& fields) override;
  void advance(const progress& now) override;
  [[nodiscard]] bool shows(severity how) const override;
  /// Why the command ends, at the level error: `file:line:column: message [CODE]`. False where
  /// stderr is read by people: nothing is noted, they are told without a time before it.
  bool note_end(const placed_fault& why);
  void name_customers(customer_naming name) override;
  /// The level from now on, as a configuration that is read again says it.
  void set_least(severity how);
  /// Says the counts of what was repeated that are due, where nothing else is noted meanwhile.
  void look();
  /// Takes the progress line off the terminal: before something is printed to stdout.
  void end_progress();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// "erp: delivering 1,200 of 12,000 (10%), 3.3/s, 54 min left, 2 rejected".
[[nodiscard]] std::string progress_text(const progress& now);

}  // namespace patchbay
