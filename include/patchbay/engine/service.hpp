// When things happen: one pass (`sync`), or the daemon's loops that pick up drops by watch and
// schedule, deliver, carry out requests, and drain. Every job has a loop of its own, so that none
// waits for another, and no two runs of one job overlap. Level-triggered: every round looks at what
// is there, so that a kill at any moment costs nothing but time. Loop thread; one per process.
#pragma once

#include <exception>
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
#include "patchbay/engine/owner_requests.hpp"
#include "patchbay/engine/pickup.hpp"
#include "patchbay/policy/timetable.hpp"

namespace patchbay {

/// One job with everything it works with; everything outlives it.
struct service_job {
  const job_spec* spec = nullptr;
  pickup_parts parts;
  std::shared_ptr<const timetable> times;
};

/// What a pass over some jobs ended with.
struct pass_result {
  std::vector<run_report> reports;
  std::optional<stop> stopped;
  bool unseen = false;      ///< the drop directory could not be looked into
  bool left_lying = false;  ///< a drop could not be taken for now: not at once again
  bool unclaimed = false;   ///< one of those is still where the ERP has put it
};

class service {
 public:
  service(std::vector<service_job> jobs, delivery& sending, clock& time, observer& watcher);
  ~service();

  /// One pass over one job: requests of other processes (also while it lasts), files left behind,
  /// what has been dropped (or `options.named`), delivery until settled or the deadline; the run is
  /// saved. One at a time.
  [[nodiscard]] boost::asio::awaitable<pass_result> run_once(service_job job,
                                                             pickup_options options);
  /// The daemon: returns after drain(), or with the stop that ended it.
  [[nodiscard]] boost::asio::awaitable<std::optional<stop>> serve();

  void drain();       ///< finish what is in flight, then serve() and run_once() return
  void look_again();  ///< something may have been dropped (the folder watch says so)

  /// `write_json` gives the stored form of a report.
  void write_runs_with(std::function<std::string(const run_report&)> write_json);
  /// Called with each report before the run is saved, so that what a kill leaves out is known to be
  /// owed.
  void tell_producers_with(std::function<void(const run_report&)> sink);
  /// Called with all reports of a run, once they were told one by one.
  void tell_runs_to(std::function<void(const std::vector<run_report>&)> sink);
  void tell_reports_to(std::function<void(const run_report&)> sink);
  /// Drops of earlier runs whose rows a run has counted otherwise; told after its reports.
  void tell_older_to(std::function<void(const drop_record&)> sink);
  [[nodiscard]] const std::vector<service_job>& jobs() const { return jobs_; }

 private:
  /// What a job's run is at; a request about its drops waits while they are picked up. A run for
  /// one named drop (`sync DROP.csv`, adopt, revert) takes in no other.
  enum class phase { resting, picking_up, delivering, delivering_named };

  // A run (service.cpp). Several jobs' may go on at once, but not two of one.
  [[nodiscard]] boost::asio::awaitable<pass_result> run_job(service_job job,
                                                            pickup_options options);
  [[nodiscard]] boost::asio::awaitable<void> run_to_the_end(service_job job, pickup_options options,
                                                            pass_result& made, bool& ended);
  [[nodiscard]] boost::asio::awaitable<void> answer_until(const bool& ended, pickup_parts parts);
  boost::asio::awaitable<void> save(pickup_parts parts, std::vector<run_report> reports);
  boost::asio::awaitable<void> forget_old(service_job job);
  [[nodiscard]] boost::asio::awaitable<delivered> deliver(service_job job, std::string run,
                                                          picked_up& picked, phase sends,
                                                          pickup_options beside);
  void note(severity how, std::string_view event, std::string text, const std::string& job);

  // The daemon (service_watch.cpp)
  struct attended;
  enum class work { none, deliver, pick_up };
  [[nodiscard]] boost::asio::awaitable<void> attend(attended& one);
  [[nodiscard]] boost::asio::awaitable<void> attend_until_the_end(attended& one);
  [[nodiscard]] boost::asio::awaitable<void> learn_served(attended& one);
  [[nodiscard]] boost::asio::awaitable<void> save_served(attended& one, wall_time moment);
  [[nodiscard]] boost::asio::awaitable<work> work_of(attended& one);
  [[nodiscard]] boost::asio::awaitable<bool> letters_are_due(attended& one);
  [[nodiscard]] boost::asio::awaitable<bool> schedule_calls(attended& one);
  [[nodiscard]] boost::asio::awaitable<bool> directory_is_back(attended& one);
  [[nodiscard]] boost::asio::awaitable<bool> drop_waits(service_job job);
  [[nodiscard]] boost::asio::awaitable<void> run(attended& one, work found);
  [[nodiscard]] instant wake_at(const attended& one) const;
  void note_stop(attended& one, const pass_result& made);
  void tell_closed(attended& one, const std::optional<time_bound>& closed);

  // Beside the runs (service_watch.cpp)
  [[nodiscard]] boost::asio::awaitable<void> oversee();
  [[nodiscard]] boost::asio::awaitable<void> oversee_until_the_end();
  void keep_to_the_clock(const service_job& job);
  [[nodiscard]] boost::asio::awaitable<void> look_beside(attended& one, bool look);
  [[nodiscard]] boost::asio::awaitable<void> answer_requests(pickup_parts parts);
  [[nodiscard]] bool told_before(const std::string& job, const pass_result& made);
  void fail(std::exception_ptr why);
  void ring_all();

  std::vector<service_job> jobs_;
  delivery& sending_;
  clock& time_;
  observer& watcher_;
  std::unique_ptr<alarm> overseer_;
  std::function<std::string(const run_report&)> write_json_;
  std::function<void(const run_report&)> producers_;
  std::function<void(const run_report&)> sink_;
  std::function<void(const std::vector<run_report>&)> runs_;
  std::function<void(const drop_record&)> older_sink_;
  std::map<std::string, phase> phases_;                      ///< by job
  std::map<std::string, std::set<std::string>> left_lying_;  ///< by job: what could not be taken
  /// Jobs of which a drop was decided on while others were picked up.
  std::set<std::string> decided_;
  std::map<std::string, wall_time> forgot_;  ///< when a job's old files and history last went
  std::map<std::string, std::unique_ptr<attended>> attended_;  ///< by job; empty but for a daemon
  std::optional<stop> stopped_;
  std::exception_ptr failed_;
  wall_time began_{};
  bool looks_ = false;  ///< something may have been dropped
  bool draining_ = false;
};

}  // namespace patchbay
