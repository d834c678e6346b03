// The store's side of delivery: what is pending, leases, and the group commit.
#include "parts.hpp"
#include "patchbay/policy/windows.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "settling.hpp"

namespace patchbay {
namespace {

constexpr auto admitted_state = static_cast<std::int64_t>(drop_state::admitted);
constexpr auto rejected_class = static_cast<std::int64_t>(row_class::rejected);
constexpr auto proving_phase = static_cast<std::int64_t>(doubt::phase::proving);
constexpr std::int64_t prune_every = 256;

// Rows that count as pending work: not rejected, or due for a retry, or waiting for a read-back.
constexpr const char* page_of_pending =
    "SELECT w.key, w.drop_no, w.line FROM wanted w"
    " JOIN drop_record d ON d.number=w.drop_no AND d.state=?1"
    " JOIN customer c ON c.job=w.job AND c.key=w.key AND c.id<>''"
    " WHERE w.job=?2 AND (w.drop_no, w.line, w.key) > (?3, ?4, ?5)"
    " AND (w.counted<>?6"
    "  OR EXISTS (SELECT 1 FROM dead_letter l WHERE l.job=w.job AND l.key=w.key AND "
    "l.next_retry<=?7)"
    "  OR EXISTS (SELECT 1 FROM doubt x WHERE x.job=w.job AND x.key=w.key AND x.phase=?8))"
    " ORDER BY w.drop_no, w.line, w.key LIMIT ?9";
constexpr const char* number_of_pending =
    "SELECT COUNT(*) FROM wanted w"
    " JOIN drop_record d ON d.number=w.drop_no AND d.state=?1"
    " JOIN customer c ON c.job=w.job AND c.key=w.key AND c.id<>''"
    " WHERE w.job=?2"
    " AND (w.counted<>?3"
    "  OR EXISTS (SELECT 1 FROM dead_letter l WHERE l.job=w.job AND l.key=w.key AND "
    "l.next_retry<=?4)"
    "  OR EXISTS (SELECT 1 FROM doubt x WHERE x.job=w.job AND x.key=w.key AND x.phase=?5))";

}  // namespace

std::vector<customer_levels> sqlite_store::pending(std::string_view job,
                                                   const pending_cursor& after, std::size_t most,
                                                   wall_time now) {
  const std::int64_t number = parts_->job_number(job);
  std::vector<std::string> keys;
  {
    query asked = parts_->base.ask(page_of_pending);
    asked << admitted_state << number << after.drop << after.line << after.key << rejected_class
          << number_of(now) << proving_phase << static_cast<std::int64_t>(most);
    while (asked.step()) keys.push_back(asked.text(0));
  }
  return lookup(job, keys);
}

std::int64_t sqlite_store::count_pending(std::string_view job, wall_time now) {
  query asked = parts_->base.ask(number_of_pending);
  asked << admitted_state << parts_->job_number(job) << rejected_class << number_of(now)
        << proving_phase;
  asked.step();
  return asked.number(0);
}

namespace {

opening opening_of(sqlite_store::parts& store, const lease_request& asked, instant now) {
  if (asked.limits.empty()) return {.open = true, .not_before = now};
  query newest = store.base.ask(
      "SELECT released_at FROM slot WHERE class=?"
      " ORDER BY released_at IS NULL DESC, released_at DESC LIMIT ?");
  newest << static_cast<std::int64_t>(asked.kind)
         << static_cast<std::int64_t>(widest(asked.limits));
  std::vector<slot_release> slots;
  while (newest.step()) {
    slots.push_back(newest.is_null(0) ? slot_release() : slot_release(instant(newest.number(0))));
  }
  return next_opening(slots, asked.limits, now);
}

/// The fields may hold any of the values ever asked for, until a definite answer.
void mark_in_doubt(sqlite_store::parts& store, const lease_request& asked, slot_number slot) {
  const std::int64_t job = store.job_number(asked.job);
  field_values fields;
  for (const std::string& name : asked.fields) fields.emplace(name, value{"1"});
  std::int64_t was_unanswered = 0;
  if (const auto kept = store.load_doubt(job, asked.key)) {
    for (const std::string& name : kept->now.fields) fields.emplace(name, value{"1"});
    was_unanswered = kept->was_unanswered || kept->now.at != doubt::phase::in_flight ? 1 : 0;
  }
  query save = store.base.ask("INSERT OR REPLACE INTO doubt VALUES(?,?,?,?,?,0,?)");
  save << job << asked.key << write_values(fields)
       << static_cast<std::int64_t>(doubt::phase::in_flight) << was_unanswered << slot;
  save.run();
}

lease grant(sqlite_store::parts& store, const lease_request& asked, instant now) {
  opening found = opening_of(store, asked, now);
  if (!found.open) {
    store.release_dead_leases(now);
    found = opening_of(store, asked, now);
  }
  if (!found.open) return {.slot = std::nullopt, .not_before = found.not_before};
  query save = store.base.ask("INSERT INTO slot(class, boot, process, leased_at) VALUES(?,?,?,?)");
  save << static_cast<std::int64_t>(asked.kind) << store.options.boot_id << store.options.process
       << now.count();
  save.run();
  const slot_number slot = store.base.last_row();
  if (!asked.job.empty()) mark_in_doubt(store, asked, slot);
  return {.slot = slot, .not_before = now};
}

void take_back(sqlite_store::parts& store, const cancel_lease& asked) {
  query gone = store.base.ask("DELETE FROM slot WHERE number=?");
  gone << asked.slot;
  gone.run();
  if (asked.job.empty()) return;
  const std::int64_t job = store.job_number(asked.job);
  const auto kept = store.load_doubt(job, asked.key);
  if (!kept || kept->now.slot != asked.slot) return;
  query save =
      store.base.ask(kept->was_unanswered ? "UPDATE doubt SET phase=1, slot=0 WHERE job=? AND key=?"
                                          : "DELETE FROM doubt WHERE job=? AND key=?");
  save << job << asked.key;
  save.run();
}

/// Slots that no window can count any more; the longest known window is a minute.
void prune_slots(sqlite_store::parts& store, instant now) {
  constexpr std::chrono::minutes long_enough{10};
  query gone = store.base.ask("DELETE FROM slot WHERE released_at<?");
  gone << (now - long_enough).count();
  gone.run();
}

}  // namespace

std::vector<op_result> sqlite_store::commit(std::span<const delivery_op> ops, instant now) {
  std::vector<op_result> results;
  results.reserve(ops.size());
  transaction all(parts_->base);
  for (const delivery_op& op : ops) {
    if (const auto* asked = std::get_if<lease_request>(&op)) {
      results.emplace_back(grant(*parts_, *asked, now));
    } else if (const auto* release = std::get_if<release_slot>(&op)) {
      release_at(*parts_, release->slot, release->at);
      results.emplace_back(std::monostate());
    } else if (const auto* cancel = std::get_if<cancel_lease>(&op)) {
      take_back(*parts_, *cancel);
      results.emplace_back(std::monostate());
    } else if (const auto* ended = std::get_if<settle>(&op)) {
      results.emplace_back(settle_attempt(*parts_, *ended));
    } else if (const auto* read = std::get_if<prove>(&op)) {
      results.emplace_back(prove_customer(*parts_, *read));
    } else if (const auto* close = std::get_if<close_row>(&op)) {
      results.emplace_back(close_unchanged(*parts_, *close));
    }
  }
  if (++parts_->commits % prune_every == 0) prune_slots(*parts_, now);
  all.commit();
  return results;
}

void sqlite_store::recover(instant now, nanoseconds prove_after) {
  transaction all(parts_->base);
  query slots = parts_->base.ask(
      "UPDATE slot SET released_at=? WHERE released_at IS NULL AND number IN"
      " (SELECT slot FROM doubt WHERE phase=0)");
  slots << now.count();
  slots.run();
  parts_->release_dead_leases(now);
  parts_->base.ask("UPDATE doubt SET phase=1, was_unanswered=1 WHERE phase=0").run();
  query proofs = parts_->base.ask("UPDATE doubt SET not_before=? WHERE phase=2");
  proofs << (now + prove_after).count();
  proofs.run();
  all.commit();
}

}  // namespace patchbay
