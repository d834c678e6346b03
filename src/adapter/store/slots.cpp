#include "slots.hpp"

#include <algorithm>
#include <chrono>

#include "doubts.hpp"
#include "patchbay/policy/windows.hpp"

namespace patchbay {
namespace {

std::vector<slot_release> newest_slots(database& base, const lease_request& asked) {
  // In flight first: the index gives NULLs first without sorting.
  query newest = base.ask(
      "SELECT released_at FROM slot WHERE class=? ORDER BY released_at DESC NULLS FIRST LIMIT ?");
  newest << code_of(asked.kind) << std::int64_t{widest(asked.limits)};
  std::vector<slot_release> slots;
  while (newest.step()) {
    slots.push_back(newest.is_null(0) ? slot_release() : slot_release(instant(newest.number(0))));
  }
  return slots;
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

lease grant(sqlite_store::parts& store, const lease_request& asked, instant now) {
  remember_longest(store, asked.limits);
  std::vector<slot_release> slots = newest_slots(store.base, asked);
  opening found = next_opening(slots, asked.limits, now);
  if (!found.open && others_in_flight(store)) {
    release_dead_leases(store, now);
    slots = newest_slots(store.base, asked);
    found = next_opening(slots, asked.limits, now);
  }
  if (!found.open) return {.slot = std::nullopt, .not_before = found.not_before, .taken = 0};
  query save = store.base.ask("INSERT INTO slot(class, boot, process, leased_at) VALUES(?,?,?,?)");
  save << code_of(asked.kind) << store.options.boot_id << store.options.process
       << std::int64_t{now.count()};
  save.run();
  const slot_number slot = store.base.last_row();
  if (!asked.job.empty()) begin_attempt(store.base, need_job(store.base, asked.job), asked, slot);
  return {.slot = slot, .not_before = now, .taken = taken_of(slots, asked.limits, now) + 1};
}

void release_at(database& base, slot_number slot, instant at) {
  query save = base.ask("UPDATE slot SET released_at=? WHERE number=?");
  save << std::int64_t{at.count()} << slot;
  save.run();
}

void take_back(database& base, const cancel_lease& asked) {
  query gone = base.ask("DELETE FROM slot WHERE number=?");
  gone << asked.slot;
  gone.run();
  if (asked.job.empty()) return;
  end_attempt(base, {need_job(base, asked.job), asked.key, asked.slot}, attempt_end::definite_no);
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
  }
}

void prune_slots(sqlite_store::parts& store, instant now) {
  const nanoseconds long_enough = std::max<nanoseconds>(
      nanoseconds(store.base.number_of("SELECT value FROM meta WHERE name='longest_window'")),
      std::chrono::minutes(2));
  for (const request_class kind :
       {request_class::patch, request_class::get, request_class::token}) {
    query gone = store.base.ask("DELETE FROM slot WHERE class=? AND released_at<?");
    gone << code_of(kind) << std::int64_t{(now - long_enough).count()};
    gone.run();
  }
}

}  // namespace patchbay
