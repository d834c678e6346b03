// What Prometheus is told, under the names and labels of docs/monitoring.md. Counters grow as long
// as the process lives, over its configurations; gauges say what the last status said. One per
// process, loop thread. prometheus-cpp stays behind it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/status.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

class metrics {
 public:
  /// `since`: when the process began.
  metrics(std::string_view version, wall_time since);
  ~metrics();

  void request_begun();
  /// `code`: the status, or why there is none (timed_out, reset …).
  void request_ended(request_class kind, const std::string& code, nanoseconds took);
  /// Rows and carried work of one report, by outcome.
  void add(const run_report& report);
  void stage_took(const std::string& job, const std::string& stage, nanoseconds took);
  /// Gauges; jobs and windows that are not in it are not told any more.
  void take(const status_report& status);

  /// The text format. `whole`: also what the textfile of a node_exporter may not have, because it
  /// says the same of itself.
  [[nodiscard]] std::string text(bool whole = true) const;

 private:
  struct families;
  std::unique_ptr<families> families_;
};

}  // namespace patchbay
