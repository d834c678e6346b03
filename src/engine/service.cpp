#include "patchbay/engine/service.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "attended.hpp"
#include "joined.hpp"
#include "stops.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::hours forget_every{24};

/// Of a drop that was looked at twice the later word counts.
void add_reports(std::vector<run_report>& all, std::vector<run_report> more) {
  for (run_report& one : more) {
    const auto same = [&one](const run_report& other) {
      return one.drop && other.drop && one.drop->number != 0 &&
             one.drop->number == other.drop->number;
    };
    std::erase_if(all, same);
    all.push_back(std::move(one));
  }
}

}  // namespace

service::service(std::vector<service_job> jobs, delivery& sending, clock& time, observer& watcher)
    : jobs_(std::move(jobs)),
      sending_(sending),
      time_(time),
      watcher_(watcher),
      overseer_(time.make_alarm()) {}

service::~service() = default;

void service::write_runs_with(std::function<std::string(const run_report&)> write_json) {
  write_json_ = std::move(write_json);
}

void service::tell_producers_with(std::function<void(const run_report&)> sink) {
  producers_ = std::move(sink);
}

void service::tell_reports_to(std::function<void(const run_report&)> sink) {
  sink_ = std::move(sink);
}

void service::tell_runs_to(std::function<void(const std::vector<run_report>&)> sink) {
  runs_ = std::move(sink);
}

void service::tell_older_to(std::function<void(const drop_record&)> sink) {
  older_sink_ = std::move(sink);
}

void service::note(severity how, std::string_view event, std::string text, const std::string& job) {
  watcher_.note(how, event, text, {{"job", job}});
}

void service::drain() {
  draining_ = true;
  sending_.drain();
  ring_all();
}

void service::look_again() {
  looks_ = true;
  ring_all();
}

asio::awaitable<pass_result> service::run_once(service_job job, pickup_options options) {
  pass_result made;
  bool ended = false;
  std::vector<asio::awaitable<void>> both;
  both.push_back(run_to_the_end(job, std::move(options), made, ended));
  both.push_back(answer_until(ended, job.parts));
  co_await join_all(std::move(both));
  if (failed_) std::rethrow_exception(failed_);
  co_return made;
}

asio::awaitable<void> service::run_to_the_end(service_job job, pickup_options options,
                                              pass_result& made, bool& ended) {
  try {
    made = co_await run_job(std::move(job), std::move(options));
  } catch (...) {
    fail(std::current_exception());
  }
  ended = true;
  overseer_->ring();
}

/// Beside run_to_the_end, whose own first step is to ask. The caller joins: `ended` is its.
asio::awaitable<void> service::answer_until(const bool& ended, pickup_parts parts) {
  try {
    while (!ended && !draining_) {
      co_await overseer_->wait(time_.now() + ask_every);
      if (!ended && !draining_) co_await answer_requests(parts);
    }
  } catch (...) {
    fail(std::current_exception());
  }
}

asio::awaitable<pass_result> service::run_job(service_job job, pickup_options options) {
  const std::string& name = job.spec->name;
  pass_result made;
  co_await answer_requests(job.parts);
  const bool takes_all = options.claim_waiting && !options.named;
  std::set<std::string>& lying = left_lying_[name];
  options.told = lying;
  decided_.erase(name);
  phases_[name] = phase::picking_up;
  co_await restore_files(job.parts, *job.spec);
  run_start begun = co_await begin_run(job.parts, *job.spec, sending_.reader(name));
  begun.list_all = options.list_all;
  const log_fields named{{"run", begun.run}, {"job", job.spec->name}};
  watcher_.note(severity::debug, "run_begun", "looking for drops and pending work", named);
  const phase sends = options.named ? phase::delivering_named : phase::delivering;
  pickup_options beside;
  beside.list_all = options.list_all;
  beside.claim_waiting = attended_.contains(name) && !job.times->scheduled();
  picked_up picked = co_await pick_up(job.parts, *job.spec, begun.run, std::move(options));
  delivered did;
  if (!picked.stopped) did = co_await deliver(job, begun.run, picked, sends, beside);
  made.unseen = picked.unseen;
  made.unclaimed = picked.unclaimed;
  if (takes_all) lying.clear();
  lying.insert(picked.left_lying.begin(), picked.left_lying.end());
  made.left_lying = !picked.left_lying.empty();
  phases_[name] = phase::resting;
  made.stopped = picked.stopped ? picked.stopped : did.stopped;
  did.requests = sending_.reader(name).requests();
  closed_run closed =
      co_await close_run(job.parts, *job.spec, std::move(begun), std::move(picked), std::move(did));
  made.reports = std::move(closed.reports);
  if (told_before(name, made)) made.reports.clear();
  if (producers_) std::for_each(made.reports.begin(), made.reports.end(), producers_);
  co_await save(job.parts, made.reports);
  if (sink_) std::for_each(made.reports.begin(), made.reports.end(), sink_);
  if (runs_ && !made.reports.empty()) runs_(made.reports);
  if (older_sink_) std::for_each(closed.older.begin(), closed.older.end(), older_sink_);
  watcher_.note(severity::debug, "run_ended", "nothing more to do in this run", named);
  co_await forget_old(job);
  co_return made;
}

/// A daemon that finds the API as it left it a minute ago has made no run that anybody would look
/// for.
bool service::told_before(const std::string& job, const pass_result& made) {
  const auto found = attended_.find(job);
  if (found == attended_.end()) return false;
  const bool fruitless = std::ranges::all_of(made.reports, [](const run_report& one) {
    const carried_counts& did = one.carried;
    return !one.drop && did.applied + did.superseded + did.rejected + one.requests.patch == 0;
  });
  const std::string why = made.stopped && fruitless ? made.stopped->code : "";
  const std::string before = std::exchange(found->second->stopped_by, why);
  return !why.empty() && before == why;
}

/// Until everything is settled. What is approved meanwhile (unless the run is for one named drop),
/// and what is dropped where a daemon watches, is taken into the run: the delivery makes way, and
/// goes on with it. Intake and delivery of one job exclude each other: both speak of its lines.
asio::awaitable<delivered> service::deliver(service_job job, std::string run, picked_up& picked,
                                            phase sends, pickup_options beside) {
  const std::string& name = job.spec->name;
  const std::optional<time_bound> ends = job.times->ends(time_.wall());
  std::optional<instant> until;
  if (ends) until = instant_of(time_, ends->at);
  delivered did;
  while (true) {
    phases_[name] = sends;
    // What was approved while the drops were picked up is taken in first.
    const bool at_once = decided_.erase(name) > 0 && sends == phase::delivering && !draining_;
    if (!at_once) {
      const delivered part = co_await sending_.pass(name, run, until);
      did.applied += part.applied;
      did.rejected += part.rejected;
      did.stopped = part.stopped;
      did.test_mode = part.test_mode;
      if (!part.made_way || part.stopped || draining_) break;
    }
    phases_[name] = phase::picking_up;
    beside.told.insert(picked.left_lying.begin(), picked.left_lying.end());
    picked_up more = co_await pick_up(job.parts, *job.spec, run, beside);
    add_reports(picked.reports, std::move(more.reports));
    picked.unseen = picked.unseen || more.unseen;
    picked.unclaimed = picked.unclaimed || more.unclaimed;
    picked.left_lying.merge(more.left_lying);
    picked.stopped = std::move(more.stopped);
    if (picked.stopped) break;
  }
  const bool in_time = !did.stopped || did.stopped->why != stop_cause::deadline;
  if (in_time) co_return did;
  const std::optional<time_bound> shut = job.times->closed(time_.wall());
  const bool dark =
      shut ? shut->why == time_limit::blackout : ends && ends->why == time_limit::blackout;
  if (dark) did.stopped = blackout_stop();
  co_return did;
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
  run.outcome = std::string(outcome_name(worst));
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
    note(severity::warning, "archive_not_pruned", files.error().message, job.spec->name);
  } else if (*files > 0) {
    note(severity::info, "archive_pruned",
         std::to_string(*files) + " archived files are past source.keep: removed", job.spec->name);
  }
  auto history = [&parts, now] { return parts.runs.forget_history(now - parts.history); };
  co_await parts.intake.store_lane.run(history);
}

/// What other processes ask for, also while a run is on: within a second. Who has values in hand
/// looks at them again.
asio::awaitable<void> service::answer_requests(pickup_parts parts) {
  std::set<std::string> busy;
  for (const auto& [name, at] : phases_) {
    if (at == phase::picking_up) busy.insert(name);
  }
  const requests_done done = co_await carry_out_requests(parts, std::move(busy));
  if (done.letters) sending_.nudge();
  if (older_sink_) std::for_each(done.recounted.begin(), done.recounted.end(), older_sink_);
  for (const std::string& name : done.decided) {
    if (phases_[name] == phase::delivering) sending_.make_way(name);
    if (phases_[name] == phase::picking_up) decided_.insert(name);
  }
  for (auto& [name, one] : attended_) {
    const bool mine = done.letters || done.decided.contains(name);
    if (!mine) continue;
    one->owed = true;
    one->asked = true;
    one->closed_told.reset();  // whoever asked is told why it waits
    one->bell->ring();
  }
}

}  // namespace patchbay
