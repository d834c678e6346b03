#include "patchbay/policy/dispatch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "patchbay/policy/retry.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_in_a_read = 25;
/// From so many slow reads in a row on, nothing is read any more.
constexpr int slow_reads_before_end = 6;

}  // namespace

dispatch::dispatch(dispatch_options options)
    : options_(std::move(options)), random_(options_.seed) {}

void dispatch::open(const std::string& job, std::optional<instant> deadline) {
  part opened;
  opened.deadline = deadline;
  // As many turns as whoever has had the fewest: nobody pays for the time before.
  for (const auto& [name, other] : parts_) {
    const bool first = &other == &parts_.begin()->second;
    opened.turns = first ? other.turns : std::min(opened.turns, other.turns);
  }
  parts_.insert_or_assign(job, std::move(opened));
}

void dispatch::hold(const std::string& job) {
  if (const auto found = parts_.find(job); found != parts_.end()) found->second.held = true;
}

std::vector<ticket> dispatch::close(const std::string& job) {
  std::vector<ticket> left;
  for (const auto& [which, one] : entries_) {
    if (one.job == job) left.push_back(which);
  }
  for (const ticket which : left) finish(which);
  parts_.erase(job);
  return left;
}

bool dispatch::finished(const std::string& job, instant now) const {
  const part& one = parts_.at(job);
  if (one.flying > 0 || one.loading) return false;
  return !may_start(one, now) || exhausted(job);
}

bool dispatch::exhausted(const std::string& job) const {
  const part& one = parts_.at(job);
  return one.entries == 0 && !one.more && !one.loading;
}

void dispatch::set_deadline(const std::string& job, std::optional<instant> deadline) {
  parts_.at(job).deadline = deadline;
}

bool dispatch::deadline_passed(const std::string& job, instant now) const {
  const part& one = parts_.at(job);
  return one.deadline && now >= *one.deadline;
}

bool dispatch::may_start(const part& one, instant now) const {
  return !draining_ && !one.held && !(one.deadline && now >= *one.deadline);
}

void dispatch::add(ticket which, const std::string& job, const std::string& id, need what,
                   instant not_before) {
  entry one;
  one.job = job;
  one.id = id;
  one.what = what;
  one.ready = not_before;
  one.order = ++orders_;
  if (entries_.insert_or_assign(which, one).second) ++parts_.at(job).entries;
  enqueue(which, entries_.at(which));
}

void dispatch::enqueue(ticket which, const entry& one) {
  parts_.at(one.job).queue.emplace(place(one.ready, one.order), which);
}

void dispatch::take_off(entry& one) {
  part& mine = parts_.at(one.job);
  mine.queue.erase(place(one.ready, one.order));
  one.flying = true;
  busy_.insert(one.id);
  ++mine.flying;
  ++flying_;
}

void dispatch::land(ticket which, entry& one) {
  if (!one.flying) return;
  one.flying = false;
  one.turn_taken = false;
  part& mine = parts_.at(one.job);
  --mine.flying;
  --flying_;
  if (std::exchange(one.reading, false)) --mine.reading;
  if (std::exchange(one.patching, false)) gate_of(request_class::patch).landed();
  if (one.cost) budget_.gave_back(*std::exchange(one.cost, std::nullopt));
  busy_.erase(one.id);
  const auto waiting = parked_.find(one.id);
  if (waiting == parked_.end()) return;
  const std::vector<ticket> others = std::move(waiting->second);
  parked_.erase(waiting);
  for (const ticket other : others) {
    const auto found = entries_.find(other);
    if (found == entries_.end() || other == which) continue;
    enqueue(other, found->second);
  }
}

void dispatch::loaded(const std::string& job, bool more) {
  part& mine = parts_.at(job);
  mine.loading = false;
  mine.more = more;
}

void dispatch::look_again(const std::string& job) {
  parts_.at(job).more = true;
}

void dispatch::read_ahead(std::size_t customers) {
  options_.metadata_ahead = customers;
  options_.metadata_batch = std::min(most_in_a_read, customers);
}

void dispatch::finish(ticket which) {
  const auto found = entries_.find(which);
  if (found == entries_.end()) return;
  part& mine = parts_.at(found->second.job);
  mine.queue.erase(place(found->second.ready, found->second.order));
  land(which, found->second);
  --mine.entries;
  entries_.erase(found);
}

void dispatch::again(ticket which, need what, instant at) {
  entry& one = entries_.at(which);
  // Its turn is still to come; a read was none.
  if (std::exchange(one.turn_taken, false)) --parts_.at(one.job).turns;
  land(which, one);
  one.what = what;
  one.ready = at;
  enqueue(which, one);
}

bool dispatch::on_last_try(ticket which) const {
  const bool open = gate_of(request_class::patch).circuit().open();
  const entry& one = entries_.at(which);
  return !open && one.attempts + 1 >= tries_of(one);
}

bool dispatch::retry(ticket which, instant now) {
  entry& one = entries_.at(which);
  one.cost.reset();
  one.turn_taken = false;
  if (!gate_of(request_class::patch).circuit().open()) ++one.attempts;
  if (one.attempts >= tries_of(one)) return false;
  const double share = std::uniform_real_distribution<double>(0, 1)(random_);
  const nanoseconds pause = back_off(std::max(one.attempts, 1), options_.retry, share);
  again(which, one.what, now + pause);
  return true;
}

void dispatch::on_read(const std::vector<ticket>& which, instant read_at, instant now) {
  slow_reads_ = now - read_at >= metadata_good_for ? slow_reads_ + 1 : 0;
  for (const ticket each : which) {
    entry& one = entries_.at(each);
    one.read_at = read_at;
    again(each, one.what, one.ready);
  }
}

bool dispatch::reads_too_slow() const {
  return slow_reads_ >= slow_reads_before_end;
}

void dispatch::not_read(const std::vector<ticket>& which, instant now) {
  const double share = std::uniform_real_distribution<double>(0, 1)(random_);
  const int failures = gate_of(request_class::get).circuit().failures();
  const nanoseconds pause =
      failures == 0 ? nanoseconds(0) : back_off(failures, options_.retry, share);
  for (const ticket each : which) again(each, entries_.at(each).what, now + pause);
}

void dispatch::on_answer(ticket which) {
  const instant sent = entries_.at(which).sent_at;
  answered_sent_ = std::max(answered_sent_.value_or(sent), sent);
  gate_of(request_class::patch).answered(sent);
  budget_.answered();
}

void dispatch::on_failure(instant now, bool connected, std::optional<ticket> suspect) {
  gate& patches = gate_of(request_class::patch);
  patches.failed(now, connected, suspect);
  if (!suspect) return;
  entry& one = entries_.at(*suspect);
  if (!one.failing_since) one.failing_since = one.sent_at;
  if (!on_last_try(*suspect)) return;
  // Something that left after this record's first failing try was answered.
  const auto fare_better = [&one](std::optional<instant> answered) {
    return answered && *answered > *one.failing_since;
  };
  if (!fare_better(answered_sent_)) {
    patches.trip(now);
  } else if (!fare_better(one.answered_then)) {
    // The target answers only since this one left: it may have left into an outage's last moment,
    // and one more try tells.
    one.one_more = options_.retry.attempts > 1;
  }
}

void dispatch::on_release() {
  options_.target->patch.released();
  options_.target->get.released();
}

}  // namespace patchbay
