// An observer that passes everything on and remembers what the process is doing right now: the
// run of each job with its progress, and why nothing can be sent any more. One per process, loop
// thread; status page, metrics and the file for `patchbay status` are told from it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "patchbay/adapter/web/metrics.hpp"
#include "patchbay/model/status.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/observer.hpp"
#include "run_stages.hpp"

namespace patchbay {

class live_observer final : public observer {
 public:
  live_observer(observer& next, const clock& time, metrics& numbers)
      : next_(next), time_(time), numbers_(numbers) {}

  void note(severity how, std::string_view event, std::string_view text,
            const log_fields& fields) override;
  void advance(const progress& now) override;
  [[nodiscard]] bool shows(severity how) const override { return next_.shows(how); }
  void name_customers(customer_naming name) override { next_.name_customers(std::move(name)); }
  /// A run of the job has told a report: how long it took is worth a metric.
  void reported(const run_report& report);

  /// By job; jobs with nothing to do are not there.
  [[nodiscard]] const std::map<std::string, running_run>& running() const { return running_; }
  /// Why the API lets us do nothing more; empty: it does.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }

  /// Since when a job's drop directory is not there; by job.
  [[nodiscard]] const std::map<std::string, wall_time, std::less<>>& away() const { return away_; }

  /// Since when the API answers nobody, or not all kinds of request, and what is waited for.
  [[nodiscard]] std::optional<silence> silent() const;

  /// Called with the running runs when they have changed, at most every two seconds but for the
  /// end of a run and another stage of it. Nobody is told after an empty one.
  void tell_to(std::function<void(const std::map<std::string, running_run>&)> tell);

 private:
  struct heard {
    std::string run;
    wall_time since{};
    run_stages stages;
    std::string drop = {};
    bool reported = false;
  };
  void begin_run(const log_fields& fields);
  void begin_drop(const log_fields& fields);
  void end_run(const log_fields& fields);
  void note_folder(std::string_view event, const log_fields& fields);
  void note_outage(std::string_view event, std::string_view text, const log_fields& fields);
  void tell();

  observer& next_;
  const clock& time_;
  metrics& numbers_;
  std::map<std::string, heard> heard_;  ///< by job
  std::map<std::string, running_run> running_;
  std::map<std::string, silence, std::less<>> outages_;  ///< by kind of request
  std::map<std::string, wall_time, std::less<>> away_;
  std::string refusal_;
  std::function<void(const std::map<std::string, running_run>&)> tell_;
  instant told_at_{0};
};

}  // namespace patchbay
