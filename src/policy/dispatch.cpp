#include "patchbay/policy/dispatch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "patchbay/policy/retry.hpp"

namespace patchbay {
namespace {

using std::chrono::seconds;

constexpr seconds metadata_good_for{2};
/// Reads begin a little before the window opens, so that the PATCH can leave at once.
constexpr milliseconds read_ahead{300};
constexpr milliseconds poll_others{20};
constexpr std::size_t low_water = 64;
constexpr seconds first_throttle_pause{1};
constexpr seconds longest_throttle_pause{60};
/// A Retry-After of hours would end the night; the answer then says it again.
constexpr std::chrono::minutes longest_asked_pause{10};
/// More than one record's attempts, so that a single bad record does not open the breaker.
constexpr int failures_beyond_attempts = 2;

/// Metadata is read a little before its PATCH can leave, so that it is fresh and nothing waits.
std::optional<instant> metadata_gate(std::optional<instant> patch_gate,
                                     std::optional<instant> get_gate) {
  if (!patch_gate || !get_gate) return std::nullopt;
  return std::max(*patch_gate - read_ahead, *get_gate);
}

}  // namespace

dispatch::dispatch(dispatch_options options)
    : options_(std::move(options)),
      breaker_(options_.retry.attempts + failures_beyond_attempts),
      random_(options_.seed) {}

void dispatch::add(ticket which, const std::string& group, const std::string& id, need what,
                   instant not_before) {
  entry one;
  one.group = group;
  one.id = id;
  one.what = what;
  one.ready = not_before;
  one.order = ++orders_;
  entries_.insert_or_assign(which, one);
  enqueue(which, entries_.at(which));
}

void dispatch::enqueue(ticket which, const entry& one) {
  queue_.emplace(place(one.ready, one.order), which);
}

void dispatch::take_off(entry& one) {
  queue_.erase(place(one.ready, one.order));
  one.flying = true;
  busy_.insert(one.id);
  ++flying_;
}

void dispatch::land(ticket which, entry& one) {
  if (!one.flying) return;
  one.flying = false;
  --flying_;
  if (std::exchange(one.reading, false)) --reading_;
  if (std::exchange(one.repeats, false)) budget_.gave_back();
  busy_.erase(one.id);
  const auto waiting = parked_.find(one.id);
  if (waiting == parked_.end()) return;
  const std::vector<ticket> others = std::move(waiting->second);
  parked_.erase(waiting);
  for (const ticket other : others) {
    const auto found = entries_.find(other);
    if (found == entries_.end() || other == which) continue;
    queue_.emplace(place(found->second.ready, found->second.order), other);
  }
}

void dispatch::loaded(bool more) {
  loading_ = false;
  more_ = more;
}

void dispatch::look_again() {
  more_ = true;
}

void dispatch::finish(ticket which) {
  const auto found = entries_.find(which);
  if (found == entries_.end()) return;
  queue_.erase(place(found->second.ready, found->second.order));
  land(which, found->second);
  entries_.erase(found);
}

void dispatch::again(ticket which, need what, instant at) {
  entry& one = entries_.at(which);
  land(which, one);
  one.what = what;
  one.ready = at;
  enqueue(which, one);
}

bool dispatch::on_last_try(ticket which) const {
  return !breaker_.open() && entries_.at(which).attempts + 1 >= options_.retry.attempts;
}

bool dispatch::retry(ticket which, instant now) {
  entry& one = entries_.at(which);
  one.repeats = false;
  // While the target answers nobody, no record is to blame.
  if (!breaker_.open()) ++one.attempts;
  if (one.attempts >= options_.retry.attempts) return false;
  const double share = std::uniform_real_distribution<double>(0, 1)(random_);
  const nanoseconds pause = back_off(std::max(one.attempts, 1), options_.retry, share);
  again(which, one.what, now + pause);
  return true;
}

void dispatch::on_read(ticket which, instant read_at) {
  entry& one = entries_.at(which);
  one.read_at = read_at;
  again(which, one.what, one.ready);
}

void dispatch::on_denied(request_class what, std::optional<instant> not_before, instant now) {
  gate& closed = gates_[what];
  closed.at_reply = !not_before.has_value();
  if (not_before) closed.opens = std::max(closed.opens, std::max(*not_before, now));
  // Every slot is in flight, and none of them is ours: other processes do not ring.
  if (!not_before && flying_ <= 1) closed.opens = std::max(closed.opens, now + poll_others);
}

void dispatch::on_throttled(request_class what, std::optional<nanoseconds> retry_after,
                            instant now) {
  gate& closed = gates_[what];
  // Several answers of one moment are one refusal.
  if (closed.pause == nanoseconds(0)) {
    closed.pause = first_throttle_pause;
  } else if (now >= closed.opens) {
    closed.pause = std::min<nanoseconds>(closed.pause * 2, longest_throttle_pause);
  }
  const nanoseconds asked =
      std::min<nanoseconds>(retry_after.value_or(nanoseconds(0)), longest_asked_pause);
  closed.opens = std::max(closed.opens, now + std::max(closed.pause, asked));
  breaker_.answered();
}

void dispatch::on_quota(request_class what, const yielding& to_others, instant now) {
  gate& one = gates_[what];
  one.opens = std::max(one.opens, now + to_others.pause);
  one.single_file = to_others.single_file;
}

void dispatch::on_answer(request_class what) {
  gates_[what].pause = nanoseconds(0);
  gates_[what].at_reply = false;
  breaker_.answered();
  budget_.answered();
}

void dispatch::on_failure(instant now, bool connected) {
  breaker_.failed(now, connected);
}

void dispatch::on_release() {
  for (auto& [what, one] : gates_) one.at_reply = false;
}

bool dispatch::deadline_passed(instant now) const {
  return options_.deadline && now >= *options_.deadline;
}

/// The moment at which the class may send; nullopt: at the next reply.
std::optional<instant> dispatch::gate_of(request_class what, instant now) const {
  instant opens = now;
  if (const auto found = gates_.find(what); found != gates_.end()) {
    const bool waits = found->second.at_reply || found->second.single_file;
    if (waits && flying_ > 0) return std::nullopt;
    opens = std::max(opens, found->second.opens);
  }
  if (breaker_.open()) {
    // One probe at a time.
    if (flying_ > 0) return std::nullopt;
    opens = std::max(opens, breaker_.probe_at());
  }
  return opens;
}

bool dispatch::readable_soon(const entry& one, instant now) const {
  return one.what == need::metadata_patch &&
         (!one.read_at || now - *one.read_at >= metadata_good_for);
}

std::vector<ticket> dispatch::batch(ticket first, std::size_t most, instant now) {
  const entry& model = entries_.at(first);
  std::vector<ticket> which;
  std::set<std::string> ids;
  for (const auto& [at, other] : queue_) {
    if (at.first > now || which.size() >= most) break;
    const entry& one = entries_.at(other);
    const bool fits = !busy_.contains(one.id) && one.what == model.what &&
                      one.group == model.group &&
                      (one.what == need::read_back || readable_soon(one, now));
    if (fits && ids.insert(one.id).second) which.push_back(other);
  }
  for (const ticket one : which) {
    entry& taken = entries_.at(one);
    take_off(taken);
    taken.reading = taken.what == need::metadata_patch;
    if (taken.reading) ++reading_;
  }
  return which;
}

bool dispatch::over_budget(const entry& one, instant now) const {
  return one.attempts > 0 && !breaker_.open() && !budget_.allows(now);
}

step dispatch::send(ticket which, instant now) {
  entry& one = entries_.at(which);
  take_off(one);
  one.repeats = one.attempts > 0 && !breaker_.open();
  if (one.repeats) budget_.left(now);
  return send_patch{which};
}

/// What can leave now among the ready ones; else when to look again.
step dispatch::pick(instant now) {
  const std::optional<instant> patch_gate = gate_of(request_class::patch, now);
  const std::optional<instant> get_gate = gate_of(request_class::get, now);
  std::optional<instant> earliest;
  const auto wake = [&earliest](std::optional<instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  bool patch_waits = false;
  bool metadata_waits = false;
  bool read_back_waits = false;
  std::size_t ahead = reading_;  // read, or being read, and not sent yet
  for (auto at = queue_.begin(); at != queue_.end();) {
    const auto [due, which] = *at;
    if (due.first > now) {
      // Not before the first gate opens either.
      const instant gates =
          std::min(patch_gate.value_or(instant::max()), get_gate.value_or(instant::max()));
      if (gates != instant::max()) wake(std::max(due.first, gates));
      break;
    }
    const entry& one = entries_.at(which);
    if (busy_.contains(one.id)) {
      // Another of this id is in flight: it waits until that one has landed.
      parked_[one.id].push_back(which);
      at = queue_.erase(at);
      continue;
    }
    ++at;
    if (one.what != need::read_back && over_budget(one, now)) {
      wake(budget_.opens());
      continue;
    }
    if (one.what == need::read_back) {
      if (get_gate && *get_gate <= now) return read_back{batch(which, 25, now)};
      wake(get_gate);
      read_back_waits = true;
    } else if (readable_soon(one, now)) {
      const std::size_t room = options_.metadata_ahead - std::min(options_.metadata_ahead, ahead);
      const std::optional<instant> opens = metadata_gate(patch_gate, get_gate);
      if (room > 0 && opens && *opens <= now) {
        return read_metadata{batch(which, std::min(options_.metadata_batch, room), now)};
      }
      // Without room it waits for those ahead: a PATCH that leaves, or a read that lands.
      if (room > 0) wake(opens);
      metadata_waits = true;
    } else {
      if (patch_gate && *patch_gate <= now) return send(which, now);
      wake(patch_gate);
      if (one.what == need::metadata_patch) ++ahead;
      patch_waits = true;
    }
    if (patch_waits && metadata_waits && read_back_waits) break;
  }
  if (earliest && *earliest <= now) earliest = now + milliseconds(1);
  return wait_for{earliest};
}

step dispatch::next(instant now) {
  if (draining_ || deadline_passed(now)) {
    return flying_ > 0 ? step(wait_for{}) : step(all_done{});
  }
  if (more_ && !loading_ && queue_.size() < low_water) {
    loading_ = true;
    return load_more{};
  }
  if (!queue_.empty()) {
    step chosen = pick(now);
    auto* waiting = std::get_if<wait_for>(&chosen);
    if (waiting != nullptr && options_.deadline) {
      waiting->until = std::min(waiting->until.value_or(*options_.deadline), *options_.deadline);
    }
    return chosen;
  }
  if (flying_ > 0 || loading_) return wait_for{};
  return all_done{};
}

}  // namespace patchbay
