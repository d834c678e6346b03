#include "patchbay/engine/service.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "patchbay/engine/owner_requests.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;
using std::chrono::seconds;

/// Requests of other processes are seen within a second.
constexpr seconds look_every{1};
/// How long a daemon waits after a pass that could not reach the API.
constexpr seconds try_again_after{60};
constexpr std::chrono::hours forget_every{24};

instant later_by(const clock& time, wall_time at) {
  return time.now() + std::chrono::duration_cast<nanoseconds>(at - time.wall());
}

/// Nothing more is sent until somebody mends it; a daemon ends and says so with its exit code.
bool ends_the_daemon(stop_cause why) {
  switch (why) {
    case stop_cause::forbidden:
    case stop_cause::secret:
    case stop_cause::misused:
      return true;
    case stop_cause::drained:
    case stop_cause::deadline:
    case stop_cause::unreachable:
    case stop_cause::temporary:
      return false;
  }
  return true;
}

}  // namespace

service::service(std::vector<service_job> jobs, delivery& sending, clock& time, observer& watcher)
    : jobs_(std::move(jobs)),
      sending_(sending),
      time_(time),
      watcher_(watcher),
      wake_(time.make_alarm()) {}

void service::write_runs_with(std::function<std::string(const run_report&)> write_json) {
  write_json_ = std::move(write_json);
}

void service::tell_reports_to(std::function<void(const run_report&)> sink) {
  sink_ = std::move(sink);
}

void service::tell_older_to(std::function<void(const drop_record&)> sink) {
  older_sink_ = std::move(sink);
}

void service::drain() {
  draining_ = true;
  sending_.drain();
  wake_->ring();
}

void service::look_again() {
  wake_->ring();
}

asio::awaitable<pass_result> service::run_job(service_job job, pickup_options options) {
  pass_result made;
  co_await carry_out_requests(job.parts);
  co_await restore_files(job.parts, *job.spec);
  run_start begun = co_await begin_run(job.parts, *job.spec, sending_.reader());
  begun.list_all = options.list_all;
  const log_fields named{{"run", begun.run}, {"job", job.spec->name}};
  watcher_.note(severity::debug, "run_begun", "looking for drops and pending work", named);
  picked_up picked = co_await pick_up(job.parts, *job.spec, begun.run, std::move(options));
  made.stopped = picked.stopped;

  delivered did;
  if (!picked.stopped) {
    std::optional<instant> deadline;
    if (job.next_deadline) {
      if (const auto at = job.next_deadline(begun.at)) deadline = later_by(time_, *at);
    }
    std::vector<std::string> names{job.spec->name};
    did = co_await sending_.pass(std::move(names), begun.run, deadline);
    made.stopped = did.stopped;
  }
  did.requests = sending_.reader().requests();
  closed_run closed =
      co_await close_run(job.parts, *job.spec, std::move(begun), std::move(picked), std::move(did));
  made.reports = std::move(closed.reports);
  co_await save(job.parts, made.reports);
  if (sink_) std::for_each(made.reports.begin(), made.reports.end(), sink_);
  if (older_sink_) std::for_each(closed.older.begin(), closed.older.end(), older_sink_);
  watcher_.note(severity::debug, "run_ended", "nothing more to do in this run", named);
  co_await forget_old(job);
  co_return made;
}

asio::awaitable<void> service::save(pickup_parts parts, std::vector<run_report> reports) {
  if (reports.empty() || !write_json_) co_return;
  run_record run;
  run.run = reports.front().run;
  run.job = reports.front().job;
  run.started_at = reports.front().started_at;
  run.finished_at = reports.front().finished_at;
  run_outcome worst = run_outcome::done;
  for (const run_report& report : reports) {
    run.json += write_json_(report);
    if (run.json.back() != '\n') run.json += '\n';
    worst = std::max(worst, report.outcome);
  }
  switch (worst) {
    case run_outcome::done:
      run.outcome = "done";
      break;
    case run_outcome::partial:
      run.outcome = "partial";
      break;
    case run_outcome::held:
      run.outcome = "held";
      break;
    case run_outcome::stopped:
      run.outcome = "stopped";
      break;
    case run_outcome::failed:
      run.outcome = "failed";
      break;
  }
  auto keep = [&parts, &run] { parts.runs.save_run(run); };
  co_await parts.intake.store_lane.run(keep);
}

/// Retention, once a day: the archive of the job, and the history of the state.
asio::awaitable<void> service::forget_old(service_job job) {
  const wall_time now = time_.wall();
  const auto last = forgot_.find(job.spec->name);
  if (last != forgot_.end() && now - last->second < forget_every) co_return;
  forgot_[job.spec->name] = now;
  pickup_parts& parts = job.parts;
  auto archive = [&parts, &job, now] {
    return parts.spool.forget_archive(now - job.spec->source.keep);
  };
  const result<std::int64_t> files = co_await parts.intake.rows.run(archive);
  if (!files) {
    watcher_.note(severity::warning, "archive_not_pruned", files.error().message,
                  {{"job", job.spec->name}});
  } else if (*files > 0) {
    watcher_.note(severity::info, "archive_pruned",
                  std::to_string(*files) + " archived files are past source.keep: removed",
                  {{"job", job.spec->name}});
  }
  auto history = [&parts, now] { return parts.runs.forget_history(now - parts.history); };
  co_await parts.intake.store_lane.run(history);
}

/// Level-triggered: a drop to pick up (on arrival, or its moment has come), or an earlier pass to
/// go on with.
asio::awaitable<service::work> service::work_of(service_job job) {
  const std::string& name = job.spec->name;
  if (scheduled_now_.contains(name)) co_return work::pick_up;
  const auto later = try_again_.find(name);
  const bool waits = later != try_again_.end() && later->second > time_.wall();
  if (!job.next_schedule && !waits) {
    auto list = [&job] { return job.parts.spool.waiting(); };
    const result<std::vector<waiting_drop>> waiting = co_await job.parts.intake.rows.run(list);
    if (waiting && !waiting->empty()) co_return work::pick_up;
  }
  co_return later != try_again_.end() && !waits ? work::deliver : work::none;
}

asio::awaitable<bool> service::asked_by_others() {
  if (jobs_.empty()) co_return false;
  const pickup_parts& parts = jobs_.front().parts;
  auto ask = [&parts] { return !parts.runs.requests().empty(); };
  const bool asked = co_await parts.intake.store_lane.run(ask);
  co_return asked;
}

void service::plan_schedules() {
  const wall_time now = time_.wall();
  for (const service_job& job : jobs_) {
    if (!job.next_schedule) continue;
    const std::string& name = job.spec->name;
    if (!due_.contains(name)) {
      if (const auto next = job.next_schedule(now)) due_[name] = *next;
      continue;
    }
    if (due_[name] > now) continue;
    scheduled_now_.insert(name);
    if (const auto next = job.next_schedule(now)) {
      due_[name] = *next;
    } else {
      due_.erase(name);
    }
  }
}

instant service::wake_at() const {
  instant at = time_.now() + look_every;
  for (const auto& [name, due] : due_) at = std::min(at, later_by(time_, due));
  return at;
}

/// True: the daemon ends with this stop.
bool service::note_stop(const std::string& job, const pass_result& made) {
  const bool had_stopped = try_again_.erase(job) > 0;
  if (!made.stopped && had_stopped) {
    watcher_.note(severity::info, "pass_recovered", job + " goes on after it had stopped",
                  {{"job", job}});
  }
  if (!made.stopped || draining_) return false;
  watcher_.note(severity::warning, "pass_stopped", made.stopped->message,
                {{"job", job}, {"code", made.stopped->code}});
  if (ends_the_daemon(made.stopped->why)) return true;
  // After a deadline the job waits for its next schedule or drop.
  if (made.stopped->why != stop_cause::deadline) {
    try_again_[job] = time_.wall() + try_again_after;
  }
  return false;
}

asio::awaitable<std::optional<stop>> service::serve() {
  sending_.never_give_up();
  // The first round goes on with what an earlier process left pending.
  bool everybody = true;
  while (!draining_) {
    plan_schedules();
    const bool asked = co_await asked_by_others();
    everybody = everybody || asked;
    for (const service_job& job : jobs_) {
      if (draining_) break;
      work found = co_await work_of(job);
      if (found == work::none && everybody) found = work::deliver;
      if (found == work::none) continue;
      scheduled_now_.erase(job.spec->name);
      pickup_options options;
      options.claim_waiting = found == work::pick_up;
      const pass_result made = co_await run_job(job, std::move(options));
      if (note_stop(job.spec->name, made)) co_return made.stopped;
    }
    everybody = false;
    if (draining_) break;
    co_await wake_->wait(wake_at());
  }
  co_return std::nullopt;
}

}  // namespace patchbay
