// The daemon: a loop a job that finds its work and runs it, and an overseer that carries out
// requests and looks at what comes while runs are on.
#include <algorithm>
#include <chrono>
#include <ranges>
#include <set>
#include <utility>

#include "attended.hpp"
#include "joined.hpp"
#include "moment_text.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;
using std::chrono::seconds;

/// For what no watch tells: network file systems, a clock that was set.
constexpr seconds look_every{30};
/// Dead letters are due after days.
constexpr std::chrono::hours look_at_letters_every{1};
/// A file that must lie still is looked at again and again.
constexpr seconds look_at_quiet_every{1};
/// How long a daemon waits after a pass that could not reach the API.
constexpr seconds try_again_after{60};
/// A moment served that lies so far ahead was served by a clock that was wrong.
constexpr std::chrono::hours clock_was_wrong{1};

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

asio::awaitable<std::optional<stop>> service::serve() {
  sending_.never_give_up();
  began_ = time_.wall();
  std::vector<asio::awaitable<void>> all;
  for (const service_job& job : jobs_) {
    attended& one =
        *attended_
             .emplace(job.spec->name,
                      std::make_unique<attended>(attended{.job = job, .bell = time_.make_alarm()}))
             .first->second;
    all.push_back(attend(one));
  }
  all.push_back(oversee());
  co_await join_all(std::move(all));
  if (failed_) std::rethrow_exception(failed_);
  co_return stopped_;
}

void service::ring_all() {
  overseer_->ring();
  for (auto& [name, one] : attended_) one->bell->ring();
}

/// The disk, or a bug: everybody ends, and the first cause is the one that is told.
void service::fail(std::exception_ptr why) {
  if (!failed_) failed_ = std::move(why);
  drain();
}

asio::awaitable<void> service::attend(attended& one) {
  try {
    co_await attend_until_the_end(one);
  } catch (...) {
    fail(std::current_exception());
  }
}

asio::awaitable<void> service::attend_until_the_end(attended& one) {
  co_await learn_served(one);
  while (!draining_) {
    const work found = co_await work_of(one);
    if (draining_) co_return;
    if (found == work::none) {
      co_await forget_old(one.job);
      co_await one.bell->wait(wake_at(one));
    } else {
      co_await run(one, found);
    }
  }
}

/// A schedule that nobody has served yet, or that was changed, begins now.
asio::awaitable<void> service::learn_served(attended& one) {
  const job_spec& job = *one.job.spec;
  const auto last = one.job.times->last_due(time_.wall());
  if (!last) co_return;
  pickup_parts& parts = one.job.parts;
  auto ask = [&parts, &job] { return parts.runs.served(job.name); };
  const std::optional<served_schedule> kept = co_await parts.intake.store_lane.run(ask);
  if (kept && kept->schedule == *job.schedule) {
    one.served = kept->moment;
  } else {
    co_await save_served(one, *last);
  }
}

asio::awaitable<void> service::save_served(attended& one, wall_time moment) {
  one.served = moment;
  pickup_parts& parts = one.job.parts;
  const job_spec& job = *one.job.spec;
  const served_schedule done{*job.schedule, moment};
  auto keep = [&parts, &job, &done] { parts.runs.save_served(job.name, done); };
  co_await parts.intake.store_lane.run(keep);
}

/// One that was not found to be untakable a moment ago.
asio::awaitable<bool> service::drop_waits(service_job job) {
  auto list = [&job] { return job.parts.spool.waiting(); };
  const result<std::vector<waiting_drop>> waiting = co_await job.parts.intake.rows.run(list);
  const std::set<std::string>& lying = left_lying_[job.spec->name];
  co_return waiting&& std::ranges::any_of(
      *waiting, [&lying](const waiting_drop& one) { return !lying.contains(one.file); });
}

/// A run has told that it is away; nothing more is told until it is there again, and what waits in
/// it is taken in.
asio::awaitable<bool> service::directory_is_back(attended& one) {
  if (!one.unseen) co_return true;
  auto list = [&one] { return one.job.parts.spool.waiting().has_value(); };
  const bool back = co_await one.job.parts.intake.rows.run(list);
  if (!back) co_return false;
  note(severity::info, "directory_back",
       "the drop directory is there again: the run that waited for it is made now",
       one.job.spec->name);
  one.unseen = false;
  one.owed = true;
  co_return true;
}

/// Whether a scheduled moment has come, or was missed, that had no run yet. It is served when its
/// run has ended: a kill in between makes it once more, never not at all.
asio::awaitable<bool> service::schedule_calls(attended& one) {
  const wall_time now = time_.wall();
  const wall_time last = *one.job.times->last_due(now);
  if (*one.served > now + clock_was_wrong) co_await save_served(one, last);
  if (last <= *one.served) co_return false;
  if (one.overlapped == last) {
    const bool waits = co_await drop_waits(one.job);
    if (!waits) {
      co_await save_served(one, last);
      co_return false;
    }
  } else if (last < began_) {
    note(severity::warning, "schedule_missed",
         "the run of " + moment_text(last) + " was missed: it is made now", one.job.spec->name);
  }
  one.runs_for = last;
  co_return true;
}

/// Level-triggered: a drop to pick up (on arrival, or its moment has come), or an earlier run to go
/// on with.
asio::awaitable<service::work> service::work_of(attended& one) {
  const timetable& times = *one.job.times;
  const wall_time now = time_.wall();
  const std::optional<time_bound> closed = times.closed(now);
  tell_closed(one, closed);
  if (closed) co_return work::none;
  const bool there = co_await directory_is_back(one);
  const bool looks = there && one.look_at && *one.look_at <= time_.now();
  if (times.scheduled() && there && (looks || !one.look_at)) {
    const bool called = co_await schedule_calls(one);
    if (called) co_return work::pick_up;
  }
  if (one.go_on_at && *one.go_on_at > now) co_return work::none;
  if (one.try_at && *one.try_at > time_.now()) co_return work::none;
  if (looks) co_return times.scheduled() ? work::deliver : work::pick_up;
  if (!times.scheduled()) {
    const bool waits = there && co_await drop_waits(one.job);
    if (waits) co_return work::pick_up;
    if (one.rests) co_return work::none;
  }
  if (one.go_on_at || one.try_at || one.owed) co_return work::deliver;
  const bool due = !times.scheduled() && co_await letters_are_due(one);
  co_return due ? work::deliver : work::none;
}

/// Where no schedule makes the next run, and perhaps no drop for a long time.
asio::awaitable<bool> service::letters_are_due(attended& one) {
  const instant now = time_.now();
  if (now - one.letters_looked_at < look_at_letters_every) co_return false;
  one.letters_looked_at = now;
  pickup_parts& parts = one.job.parts;
  auto ask = [&parts, &one] { return parts.runs.dead_letters(one.job.spec->name); };
  const std::vector<dead_letter> letters = co_await parts.intake.store_lane.run(ask);
  const wall_time wall = time_.wall();
  co_return std::any_of(letters.begin(), letters.end(),
                        [wall](const dead_letter& letter) { return letter.next_retry <= wall; });
}

/// Once a pause, to whoever has something to wait for.
void service::tell_closed(attended& one, const std::optional<time_bound>& closed) {
  if (!closed) {
    one.closed_told.reset();
    return;
  }
  const std::optional<wall_time> last = one.job.times->last_due(time_.wall());
  const bool waits =
      one.asked || one.go_on_at || one.try_at || (last && one.served && *last > *one.served);
  if (!waits || one.closed_told == closed->at) return;
  one.closed_told = closed->at;
  const std::string why = closed->why == time_limit::blackout ? "a blackout of the job"
                                                              : "the job's deadline has passed";
  note(severity::info, "job_waits", why + ": nothing is started until " + moment_text(closed->at),
       one.job.spec->name);
}

asio::awaitable<void> service::run(attended& one, work found) {
  one.owed = false;
  one.asked = false;
  one.rests = false;
  const bool had_stopped = std::exchange(one.try_at, std::nullopt).has_value();
  one.go_on_at.reset();
  one.look_at.reset();
  pickup_options options;
  options.claim_waiting = found == work::pick_up;
  const pass_result made = co_await run_job(one.job, std::move(options));
  if (draining_) co_return;
  note_stop(one, made);
  if (made.left_lying && !made.unseen) one.look_at = time_.now() + try_again_after;
  if (had_stopped && !made.stopped) {
    note(severity::info, "pass_recovered", one.job.spec->name + " goes on after it had stopped",
         one.job.spec->name);
  }
  one.unseen = made.unseen;
  const std::optional<wall_time> moment = std::exchange(one.runs_for, std::nullopt);
  if (moment && !made.unseen && !made.unclaimed) co_await save_served(one, *moment);
}

void service::note_stop(attended& one, const pass_result& made) {
  if (!made.stopped) return;
  watcher_.note(severity::warning, "pass_stopped", made.stopped->message,
                {{"job", one.job.spec->name}, {"code", made.stopped->code}});
  if (ends_the_daemon(made.stopped->why)) {
    if (!stopped_) stopped_ = made.stopped;
    drain();
    return;
  }
  if (made.stopped->why != stop_cause::deadline) {
    one.try_at = time_.now() + try_again_after;
    return;
  }
  // After a deadline the job waits for its next schedule or drop, after a blackout for its end.
  const std::optional<time_bound> closed = one.job.times->closed(time_.wall());
  const bool dark = made.stopped->code == "BLACKOUT";
  if (dark) one.go_on_at = closed ? closed->at : time_.wall();
  one.rests = !dark && !one.job.times->scheduled();
}

instant service::wake_at(const attended& one) const {
  const wall_time now = time_.wall();
  const bool quiet = one.job.spec->source.complete == completion::quiet;
  wall_time at = now + (quiet ? look_at_quiet_every : look_every);
  const std::optional<time_bound> closed = one.job.times->closed(now);
  if (closed) {
    at = std::min(at, closed->at);
  } else {
    if (one.go_on_at) at = std::min(at, *one.go_on_at);
    if (const auto due = one.job.times->next_due(now)) at = std::min(at, *due);
  }
  const instant wakes = instant_of(time_, at);
  // Nothing is tried in a pause, however long ago it was due.
  const instant never = instant::max();
  const instant tries = std::min(one.try_at.value_or(never), one.look_at.value_or(never));
  return closed ? wakes : std::min(wakes, tries);
}

asio::awaitable<void> service::oversee() {
  try {
    co_await oversee_until_the_end();
  } catch (...) {
    fail(std::current_exception());
  }
}

asio::awaitable<void> service::oversee_until_the_end() {
  instant looked = time_.now();
  while (!draining_ && !jobs_.empty()) {
    co_await answer_requests(jobs_.front().parts);
    const bool look = std::exchange(looks_, false) || time_.now() - looked >= look_every;
    if (look) looked = time_.now();
    for (auto& [name, one] : attended_) {
      keep_to_the_clock(one->job);
      if (phases_[name] != phase::resting) co_await look_beside(*one, look);
    }
    co_await overseer_->wait(time_.now() + ask_every);
  }
}

/// A wall clock that is set moves the deadline, or the blackout, that a delivery has.
void service::keep_to_the_clock(const service_job& job) {
  if (phases_[job.spec->name] != phase::delivering) return;
  const wall_time now = time_.wall();
  std::optional<instant> until;
  if (job.times->closed(now)) {
    until = time_.now();
  } else if (const auto ends = job.times->ends(now)) {
    until = instant_of(time_, ends->at);
  }
  sending_.set_deadline(job.spec->name, until);
}

/// What comes while a run is on: a drop is taken into it, a schedule makes no second one.
asio::awaitable<void> service::look_beside(attended& one, bool look) {
  const std::string& name = one.job.spec->name;
  const timetable& times = *one.job.times;
  if (times.scheduled()) {
    const wall_time last = *times.last_due(time_.wall());
    const bool fresh = one.served && last > *one.served && one.runs_for != last;
    if (!fresh || one.overlapped == last) co_return;
    one.overlapped = last;
    note(severity::warning, "schedule_overlapped",
         "the run before is still on at " + moment_text(last) +
             ": no second one is made; a drop that waits is taken after it",
         name);
    co_return;
  }
  if (!look || phases_[name] != phase::delivering) co_return;
  const bool waits = co_await drop_waits(one.job);
  if (waits && phases_[name] == phase::delivering) sending_.make_way(name);
}

}  // namespace patchbay
