#include "patchbay/policy/dispatch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "patchbay/policy/retry.hpp"

namespace patchbay {
namespace {

/// Reads begin a little before the window opens, so that the PATCH can leave at once.
constexpr milliseconds read_ahead{300};
constexpr std::size_t low_water = 64;
constexpr std::size_t most_read_back = 25;
constexpr milliseconds poll_readers{200};
constexpr std::size_t most_in_hand = 4096;
/// From so many slow reads in a row on, one customer at a time is read, then none.
constexpr int slow_reads_before_single = 2;
constexpr int slow_reads_before_end = 6;

/// Metadata is read a little before its PATCH can leave, so that it is fresh and nothing waits.
std::optional<instant> metadata_gate(std::optional<instant> patch_gate,
                                     std::optional<instant> get_gate) {
  if (!patch_gate || !get_gate) return std::nullopt;
  return std::max(*patch_gate - read_ahead, *get_gate);
}

}  // namespace

dispatch::dispatch(dispatch_options options)
    : options_(std::move(options)), random_(options_.seed) {}

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
  const bool open = gate_of(request_class::patch).circuit().open();
  return !open && entries_.at(which).attempts + 1 >= options_.retry.attempts;
}

bool dispatch::retry(ticket which, instant now) {
  entry& one = entries_.at(which);
  one.cost.reset();
  if (!gate_of(request_class::patch).circuit().open()) ++one.attempts;
  if (one.attempts >= options_.retry.attempts) return false;
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

void dispatch::on_answer() {
  ++answers_;
  gate_of(request_class::patch).answered();
  budget_.answered();
}

void dispatch::on_failure(instant now, bool connected, std::optional<ticket> suspect) {
  gate& patches = gate_of(request_class::patch);
  patches.failed(now, connected, suspect);
  if (!suspect) return;
  entry& one = entries_.at(*suspect);
  if (!one.answers_before) one.answers_before = answers_;
  // Nobody else was answered since this record began to fail: it is not known to be to blame.
  if (on_last_try(*suspect) && *one.answers_before == answers_) patches.trip(now);
}

void dispatch::on_release() {
  options_.target->patch.released();
  options_.target->get.released();
}

bool dispatch::deadline_passed(instant now) const {
  return options_.deadline && now >= *options_.deadline;
}

bool dispatch::runs_low(instant now) const {
  if (entries_.size() >= most_in_hand) return false;
  std::size_t fresh = 0;
  for (const auto& [at, which] : queue_) {
    if (at.first > now) break;
    if (entries_.at(which).fresh() && ++fresh >= low_water) return false;
  }
  return true;
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
  const bool open = gate_of(request_class::patch).circuit().open();
  return one.attempts > 0 && !open && !budget_.allows(now);
}

step dispatch::send(ticket which, instant now) {
  entry& one = entries_.at(which);
  take_off(one);
  one.patching = true;
  gate& patches = gate_of(request_class::patch);
  if (one.attempts > 0 && !patches.circuit().open()) one.cost = budget_.left(now);
  patches.left();
  return send_patch{which};
}

/// What a look at the queue has found: the gates as of now, and what waits behind them.
struct dispatch::look {
  instant now;
  std::optional<instant> patch_gate;
  std::optional<instant> get_gate;
  bool probing = false;  ///< an open circuit lets one PATCH out
  std::optional<instant> earliest = {};
  std::optional<ticket> probe = {};
  std::size_t ahead = 0;  ///< metadata read, or being read, and not sent yet
  bool patch_waits = false;
  bool metadata_waits = false;
  bool read_back_waits = false;

  void wake(std::optional<instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  [[nodiscard]] bool all_wait() const { return patch_waits && metadata_waits && read_back_waits; }
};

std::optional<step> dispatch::read_back_step(ticket which, look& so_far) {
  if (so_far.get_gate && *so_far.get_gate <= so_far.now) {
    return read_back{batch(which, most_read_back, so_far.now)};
  }
  // The read in flight may be another's, whose landing does not ring here.
  so_far.wake(so_far.get_gate.value_or(so_far.now + poll_readers));
  so_far.read_back_waits = true;
  return std::nullopt;
}

std::optional<step> dispatch::metadata_step(ticket which, look& so_far) {
  so_far.metadata_waits = true;
  const std::size_t most = slow_reads_ >= slow_reads_before_single
                               ? 1
                               : std::max<std::size_t>(options_.metadata_batch, 1);
  const std::size_t room =
      options_.metadata_ahead - std::min(options_.metadata_ahead, so_far.ahead);
  // Few reads of many: those ahead are nearly used up. A PATCH that leaves, or a read that lands,
  // makes room.
  const std::size_t enough = std::max<std::size_t>(1, options_.metadata_ahead - 1);
  if (room < std::min(most, enough)) return std::nullopt;
  const std::optional<instant> opens = metadata_gate(so_far.patch_gate, so_far.get_gate);
  if (opens && *opens <= so_far.now) {
    return read_metadata{batch(which, std::min(most, room), so_far.now)};
  }
  so_far.wake(opens);
  if (!so_far.get_gate) so_far.wake(so_far.now + poll_readers);
  return std::nullopt;
}

std::optional<step> dispatch::patch_step(ticket which, look& so_far) {
  const entry& one = entries_.at(which);
  if (so_far.patch_gate && *so_far.patch_gate <= so_far.now) {
    if (!so_far.probing) return send(which, so_far.now);
    // The freshest of all probes: bad ones at the front must not hold up the others for ever.
    if (!so_far.probe || one.fresh()) so_far.probe = which;
    return std::nullopt;
  }
  so_far.wake(so_far.patch_gate);
  if (one.what == need::metadata_patch) ++so_far.ahead;
  so_far.patch_waits = true;
  return std::nullopt;
}

/// What can leave now among the ready ones; else when to look again.
step dispatch::pick(instant now) {
  const gate& patches = gate_of(request_class::patch);
  look so_far{.now = now,
              .patch_gate = patches.opens(now),
              .get_gate = gate_of(request_class::get).opens(now),
              .probing = patches.circuit().open(),
              .ahead = reading_};
  for (auto at = queue_.begin(); at != queue_.end() && !so_far.all_wait();) {
    const auto [due, which] = *at;
    if (due.first > now) {
      // Not before the first gate opens either.
      const instant gates = std::min(so_far.patch_gate.value_or(instant::max()),
                                     so_far.get_gate.value_or(instant::max()));
      if (gates != instant::max()) so_far.wake(std::max(due.first, gates));
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
    std::optional<step> found;
    if (one.what == need::read_back) {
      found = read_back_step(which, so_far);
    } else if (over_budget(one, now)) {
      so_far.wake(budget_.opens());
    } else if (readable_soon(one, now)) {
      found = metadata_step(which, so_far);
    } else {
      found = patch_step(which, so_far);
    }
    if (found) return std::move(*found);
  }
  if (so_far.probe) return send(*so_far.probe, now);
  if (so_far.earliest && *so_far.earliest <= now) so_far.earliest = now + milliseconds(1);
  return wait_for{so_far.earliest};
}

step dispatch::next(instant now) {
  if (draining_ || deadline_passed(now)) {
    return flying_ > 0 ? step(wait_for{}) : step(all_done{});
  }
  if (more_ && !loading_ && runs_low(now)) {
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
