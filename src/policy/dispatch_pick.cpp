// The dispatcher's choice: whose turn it is, and what of his can leave now.
#include <algorithm>
#include <chrono>
#include <utility>

#include "patchbay/policy/dispatch.hpp"

namespace patchbay {
namespace {

/// Reads begin a little before the window opens, so that the PATCH can leave at once.
constexpr milliseconds read_before{300};
constexpr std::size_t low_water = 64;
constexpr std::size_t most_read_back = 25;
constexpr milliseconds poll_readers{200};
constexpr std::size_t most_in_hand = 4096;
/// From so many slow reads in a row on, one customer at a time is read.
constexpr int slow_reads_before_single = 2;

/// Metadata is read a little before its PATCH can leave, so that it is fresh and nothing waits.
std::optional<instant> metadata_gate(std::optional<instant> patch_gate,
                                     std::optional<instant> get_gate) {
  if (!patch_gate || !get_gate) return std::nullopt;
  return std::max(*patch_gate - read_before, *get_gate);
}

}  // namespace

bool dispatch::runs_low(const part& one, instant now) const {
  if (one.entries >= most_in_hand) return false;
  std::size_t fresh = 0;
  for (const auto& [at, which] : one.queue) {
    if (at.first > now) break;
    if (entries_.at(which).fresh() && ++fresh >= low_water) return false;
  }
  return true;
}

bool dispatch::readable_soon(const entry& one, instant now) const {
  if (one.what != need::metadata_patch) return false;
  if (!one.read_at || now - *one.read_at >= metadata_good_for) return true;
  const auto last = written_.find(one.id);
  return last != written_.end() && last->second.job != one.job && last->second.at >= *one.read_at;
}

void dispatch::remember_write(const entry& one, instant now) {
  while (!written_ids_.empty() && now - written_ids_.front().first >= metadata_good_for) {
    const auto old = written_.find(written_ids_.front().second);
    if (old != written_.end() && old->second.at == written_ids_.front().first) written_.erase(old);
    written_ids_.pop_front();
  }
  if (parts_.size() < 2) return;
  written_.insert_or_assign(one.id, written{now, one.job});
  written_ids_.emplace_back(now, one.id);
}

std::vector<ticket> dispatch::batch(part& from, ticket first, std::size_t most, instant now) {
  const entry& model = entries_.at(first);
  std::vector<ticket> which;
  std::set<std::string> ids;
  for (const auto& [at, other] : from.queue) {
    if (at.first > now || which.size() >= most) break;
    const entry& one = entries_.at(other);
    const bool fits = !busy_.contains(one.id) && one.what == model.what &&
                      (one.what == need::read_back || readable_soon(one, now));
    if (fits && ids.insert(one.id).second) which.push_back(other);
  }
  for (const ticket one : which) {
    entry& taken = entries_.at(one);
    take_off(taken);
    taken.reading = taken.what == need::metadata_patch;
    if (taken.reading) ++from.reading;
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
  one.turn_taken = true;
  one.sent_at = now;
  one.answered_then = answered_sent_;
  remember_write(one, now);
  gate& patches = gate_of(request_class::patch);
  if (one.attempts > 0 && !patches.circuit().open()) one.cost = budget_.left(now);
  patches.left();
  return send_patch{which};
}

/// What a look at the queue has found: the gates as of now, and what waits behind them.
struct dispatch::look {
  part& from;
  instant now;
  std::optional<instant> patch_gate;
  std::optional<instant> get_gate;
  bool probing = false;  ///< an open circuit lets one PATCH out
  std::optional<instant> earliest = {};
  std::optional<ticket> probe = {};
  std::size_t most_ahead = 1;
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
    return read_back{batch(so_far.from, which, most_read_back, so_far.now)};
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
  const std::size_t room = so_far.most_ahead - std::min(so_far.most_ahead, so_far.ahead);
  // Few reads of many: those ahead are nearly used up. A PATCH that leaves, or a read that lands,
  // makes room.
  const std::size_t enough = std::max<std::size_t>(1, so_far.most_ahead - 1);
  if (room < std::min(most, enough)) return std::nullopt;
  const std::optional<instant> opens = metadata_gate(so_far.patch_gate, so_far.get_gate);
  if (opens && *opens <= so_far.now) {
    return read_metadata{batch(so_far.from, which, std::min(most, room), so_far.now)};
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
step dispatch::pick_of(part& from, instant now) {
  const gate& patches = gate_of(request_class::patch);
  std::size_t busy = 0;
  for (const auto& [job, one] : parts_) busy += one.entries > 0 ? 1 : 0;
  look so_far{.from = from,
              .now = now,
              .patch_gate = patches.opens(now),
              .get_gate = gate_of(request_class::get).opens(now),
              .probing = patches.circuit().open(),
              // The windows let no more leave for being asked by several.
              .most_ahead = std::max<std::size_t>(
                  1, options_.metadata_ahead / std::max<std::size_t>(1, busy)),
              .ahead = from.reading};
  for (auto at = from.queue.begin(); at != from.queue.end() && !so_far.all_wait();) {
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
      at = from.queue.erase(at);
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
  return wait_for{so_far.earliest};
}

/// The fewest turns first.
std::vector<dispatch::part*> dispatch::in_turn(instant now) {
  std::vector<part*> found;
  for (auto& [job, one] : parts_) {
    if (may_start(one, now)) found.push_back(&one);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const part* one, const part* other) { return one->turns < other->turns; });
  return found;
}

step dispatch::pick(instant now) {
  std::optional<instant> earliest;
  std::vector<part*> passed_over;
  for (part* const one : in_turn(now)) {
    step chosen = pick_of(*one, now);
    if (std::holds_alternative<send_patch>(chosen)) {
      // A turn that could not be used is not saved up.
      for (part* const other : passed_over) other->turns = std::max(other->turns, one->turns);
      ++one->turns;
    }
    const auto* waiting = std::get_if<wait_for>(&chosen);
    if (waiting == nullptr) return chosen;
    for (const std::optional<instant>& at : {waiting->until, one->deadline}) {
      if (at && (!earliest || *at < *earliest)) earliest = at;
    }
    passed_over.push_back(one);
  }
  if (earliest && *earliest <= now) earliest = now + milliseconds(1);
  return wait_for{earliest};
}

std::optional<step> dispatch::load(instant now) {
  for (part* const one : in_turn(now)) {
    if (!one->more || one->loading || !runs_low(*one, now)) continue;
    one->loading = true;
    for (const auto& [job, each] : parts_) {
      if (&each == one) return load_more{job};
    }
  }
  return std::nullopt;
}

step dispatch::next(instant now) {
  if (std::optional<step> more = load(now)) return std::move(*more);
  bool ready = false;
  bool loading = false;
  for (const part* const one : in_turn(now)) {
    ready = ready || !one->queue.empty();
    loading = loading || one->loading;
  }
  if (ready) return pick(now);
  return flying_ > 0 || loading ? step(wait_for{}) : step(all_done{});
}

}  // namespace patchbay
