#include "slots.hpp"

#include <algorithm>
#include <chrono>

#include "doubts.hpp"
#include "patchbay/policy/windows.hpp"

namespace patchbay {
namespace {

constexpr std::int64_t most_pruned = 16'384;

/// How long a released slot is kept: also the API's own window is counted by it.
nanoseconds kept_for(sqlite_store::parts& store) {
  return std::max<nanoseconds>(
      nanoseconds(store.base.number_of("SELECT value FROM meta WHERE name='longest_window'")),
      std::chrono::minutes(2));
}

/// The log of a class as of this transaction.
window_log& log_of(sqlite_store::parts& store, request_class kind, instant now) {
  const auto [found, fresh] = store.slots.try_emplace(kind);
  if (!fresh) return found->second;
  query asked = store.base.ask(
      "SELECT number, released_at FROM slot"
      " WHERE class=? AND (released_at IS NULL OR released_at>=?)");
  asked << code_of(kind) << std::int64_t{(now - kept_for(store)).count()};
  while (asked.step()) {
    if (asked.is_null(1)) {
      found->second.lease(asked.number(0));
    } else {
      found->second.add_released(instant(asked.number(1)));
    }
  }
  return found->second;
}

/// A window longer than any before: its slots must be kept longer from now on.
void remember_longest(sqlite_store::parts& store, const window_limits& limits) {
  for (const window_limit& limit : limits) {
    if (held_for(limit) <= store.longest_window) continue;
    store.longest_window = held_for(limit);
    query save = store.base.ask("UPDATE meta SET value=max(value, ?) WHERE name='longest_window'");
    save << std::int64_t{store.longest_window.count()};
    save.run();
  }
}

bool others_in_flight(sqlite_store::parts& store) {
  query asked =
      store.base.ask("SELECT EXISTS (SELECT 1 FROM slot WHERE released_at IS NULL AND process<>?)");
  asked << store.options.process;
  return asked.step() && asked.number(0) != 0;
}

}  // namespace

void forget_stale_slots(sqlite_store::parts& store) {
  const std::int64_t version = store.base.number_of("PRAGMA data_version");
  if (version != store.slots_version) store.slots.clear();
  store.slots_version = version;
}

lease grant(sqlite_store::parts& store, const lease_request& asked, instant now) {
  remember_longest(store, asked.limits);
  opening found = log_of(store, asked.kind, now).next_opening(asked.limits, now);
  if (!found.open && others_in_flight(store)) {
    release_dead_leases(store, now);
    found = log_of(store, asked.kind, now).next_opening(asked.limits, now);
  }
  if (!found.open) return {.slot = std::nullopt, .not_before = found.not_before, .taken = 0};
  query save = store.base.ask("INSERT INTO slot(class, boot, process, leased_at) VALUES(?,?,?,?)");
  save << code_of(asked.kind) << store.options.boot_id << store.options.process
       << std::int64_t{now.count()};
  save.run();
  const slot_number slot = store.base.last_row();
  window_log& log = log_of(store, asked.kind, now);
  log.lease(slot);
  if (!asked.job.empty()) begin_attempt(store.base, need_job(store.base, asked.job), asked, slot);
  return {.slot = slot, .not_before = now, .taken = log.taken(shown_per, now)};
}

void release_at(sqlite_store::parts& store, slot_number slot, instant at) {
  query save = store.base.ask("UPDATE slot SET released_at=? WHERE number=?");
  save << std::int64_t{at.count()} << slot;
  save.run();
  for (auto& [kind, log] : store.slots) {
    if (log.release(slot, at)) return;
  }
  store.slots.clear();
}

void take_back(sqlite_store::parts& store, const cancel_lease& asked) {
  query gone = store.base.ask("DELETE FROM slot WHERE number=?");
  gone << asked.slot;
  gone.run();
  const auto known = [&asked](auto& one) { return one.second.take_back(asked.slot); };
  if (std::none_of(store.slots.begin(), store.slots.end(), known)) store.slots.clear();
  if (asked.job.empty()) return;
  end_attempt(store.base, {need_job(store.base, asked.job), asked.key, asked.slot},
              attempt_end::definite_no);
}

void adopt_slots_of_other_boots(sqlite_store::parts& store, instant now) {
  {
    query asked = store.base.ask("SELECT EXISTS (SELECT 1 FROM slot WHERE boot<>?)");
    asked << store.options.boot_id;
    if (!asked.step() || asked.number(0) == 0) return;
  }
  transaction all(store.base);
  query save = store.base.ask("UPDATE slot SET released_at=?, boot=? WHERE boot<>?");
  save << std::int64_t{now.count()} << store.options.boot_id << store.options.boot_id;
  save.run();
  all.commit();
}

void release_dead_leases(sqlite_store::parts& store, instant now) {
  std::vector<std::string> dead;
  {
    query asked = store.base.ask(
        "SELECT DISTINCT process FROM slot WHERE released_at IS NULL AND process<>?");
    asked << store.options.process;
    while (asked.step()) {
      const std::string process = asked.text(0);
      const auto& alive = store.options.process_alive;
      if (!alive || !alive(process)) dead.push_back(process);
    }
  }
  for (const std::string& process : dead) {
    query save =
        store.base.ask("UPDATE slot SET released_at=? WHERE released_at IS NULL AND process=?");
    save << std::int64_t{(now + still_travelling).count()} << process;
    save.run();
    store.slots.clear();
  }
}

void prune_slots(sqlite_store::parts& store, instant now) {
  const instant before = now - kept_for(store);
  for (auto& [kind, log] : store.slots) log.forget(before);
  // The oldest come first, a bounded number of them: there are many where limits are wide.
  query gone = store.base.ask(
      "DELETE FROM slot WHERE released_at<? AND number IN"
      " (SELECT number FROM slot ORDER BY number LIMIT ?)");
  gone << std::int64_t{before.count()} << most_pruned;
  gone.run();
}

}  // namespace patchbay
