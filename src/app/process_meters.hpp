// What counts and listens as long as a process lives: the metrics, and the
// observer that knows what is running. Owned by the command (daemon, sync), loop thread.
#pragma once

#include "live_observer.hpp"
#include "patchbay/adapter/web/metrics.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {

struct process_meters {
  /// `next`: who is told everything, too.
  process_meters(observer& next, const clock& time)
      : numbers(PATCHBAY_VERSION, time.wall()), live(next, time, numbers) {}

  /// From now on, `patchbay status` in another process sees what runs in this one.
  void share_running(composition& all);
  /// Rows of a report, and how long its run took.
  void add(const run_report& report);
  /// For the node_exporter, where metrics.textfile says so, once the loop has ended. Blocking.
  void leave_textfile(composition& all);

  metrics numbers;
  live_observer live;
};

/// Writes the metrics for the node_exporter: whole, readable by all, for it is another user.
/// Blocking. FILE_NOT_WRITTEN.
[[nodiscard]] result<void> write_textfile(const std::filesystem::path& file,
                                          const std::string& text);

}  // namespace patchbay
