// What tests of the log share: a clock moved by hand, and a log into a string.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>

#include "patchbay/adapter/report/log_observer.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay::report_test {

class hand_clock : public patchbay::clock {
 public:
  instant now() const override { return at; }
  wall_time wall() const override {
    return parse_utc("2026-11-23T02:15:04Z") + std::chrono::milliseconds(7);
  }
  std::unique_ptr<patchbay::alarm> make_alarm() override { return nullptr; }
  instant at{0};
};

/// A log into a string; taken() gives what was written since.
struct log_bench {
  explicit log_bench(log_options options)
      : log(std::make_unique<log_observer>(std::move(options), time, sink())) {}

  spdlog::sink_ptr sink() {
    auto made = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
    made->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, ""));
    return made;
  }
  std::string taken() {
    std::string text = out.str();
    out.str("");
    return text;
  }

  hand_clock time;
  std::ostringstream out;
  std::unique_ptr<log_observer> log;
};

inline log_options with_format(log_format format) {
  log_options options;
  options.format = format;
  return options;
}

}  // namespace patchbay::report_test
