// When things happen: one pass (`sync`), or the daemon's loop that picks up drops by watch and
// schedule, delivers, and drains. Level-triggered: every round looks at what is there, so that a
// kill at any moment costs nothing but time. Loop thread; one per process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/closing.hpp"
#include "patchbay/engine/delivery.hpp"
#include "patchbay/engine/pickup.hpp"

namespace patchbay {

/// One job with everything it works with; everything outlives it. The two functions are the
/// job's calendar (policy/calendar bound to its time zone): moments after the one given.
struct service_job {
  const job_spec* spec = nullptr;
  pickup_parts parts;
  std::function<std::optional<wall_time>(wall_time)> next_schedule;  ///< nullopt: on arrival
  std::function<std::optional<wall_time>(wall_time)> next_deadline;  ///< nullopt: none
};

/// What a pass over some jobs ended with.
struct pass_result {
  std::vector<run_report> reports;
  std::optional<stop> stopped;
};

class service {
 public:
  service(std::vector<service_job> jobs, delivery& sending, clock& time, observer& watcher);

  /// One pass over one job: requests of other processes, files left behind, what has been
  /// dropped (or `options.named`), delivery until settled or the deadline; the run is saved.
  [[nodiscard]] boost::asio::awaitable<pass_result> run_job(service_job job,
                                                            pickup_options options);
  /// The daemon: returns after drain(), or with the stop that ended it.
  [[nodiscard]] boost::asio::awaitable<std::optional<stop>> serve();

  void drain();       ///< finish what is in flight, then serve() and run_job() return
  void look_again();  ///< something may have been dropped (the folder watch says so)

  /// `write_json` gives the stored form of a report.
  void write_runs_with(std::function<std::string(const run_report&)> write_json);
  void tell_reports_to(std::function<void(const run_report&)> sink);
  /// Drops of earlier runs whose rows a run has counted otherwise; told after its reports.
  void tell_older_to(std::function<void(const drop_record&)> sink);
  [[nodiscard]] const std::vector<service_job>& jobs() const { return jobs_; }

 private:
  boost::asio::awaitable<void> save(pickup_parts parts, std::vector<run_report> reports);
  boost::asio::awaitable<void> forget_old(service_job job);
  enum class work { none, deliver, pick_up };
  [[nodiscard]] boost::asio::awaitable<work> work_of(service_job job);
  [[nodiscard]] boost::asio::awaitable<bool> asked_by_others();
  [[nodiscard]] bool note_stop(const std::string& job, const pass_result& made);
  [[nodiscard]] instant wake_at() const;
  void plan_schedules();

  std::vector<service_job> jobs_;
  delivery& sending_;
  clock& time_;
  observer& watcher_;
  std::unique_ptr<alarm> wake_;
  std::function<std::string(const run_report&)> write_json_;
  std::function<void(const run_report&)> sink_;
  std::function<void(const drop_record&)> older_sink_;
  std::map<std::string, wall_time> due_;        ///< next scheduled moment by job
  std::set<std::string> scheduled_now_;         ///< jobs whose moment has come
  std::map<std::string, wall_time> try_again_;  ///< passes that ended too early: when to go on
  std::map<std::string, wall_time> forgot_;     ///< when a job's old files and history last went
  bool draining_ = false;
};

}  // namespace patchbay
