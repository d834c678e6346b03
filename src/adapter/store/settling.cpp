#include "settling.hpp"

#include <algorithm>

#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

bool fulfilled(const customer_levels& customer) {
  for (const auto& [name, wanted] : customer.wanted->fields) {
    const auto known = customer.acknowledged.find(name);
    if (known == customer.acknowledged.end() || !same(known->second, wanted)) return false;
  }
  return true;
}

void delete_doubt(sqlite_store::parts& store, std::int64_t job, const std::string& key) {
  query gone = store.base.ask("DELETE FROM doubt WHERE job=? AND key=?");
  gone << job << key;
  gone.run();
}

void set_phase(sqlite_store::parts& store, std::int64_t job, const std::string& key,
               doubt::phase phase, instant not_before) {
  query save = store.base.ask(
      "UPDATE doubt SET phase=?, was_unanswered=1, not_before=?, slot=0 WHERE job=? AND key=?");
  save << static_cast<std::int64_t>(phase) << not_before.count() << job << key;
  save.run();
}

void delete_letters(sqlite_store::parts& store, std::int64_t job, const std::string& key) {
  query gone = store.base.ask("DELETE FROM dead_letter WHERE job=? AND key=?");
  gone << job << key;
  gone.run();
}

void save_letters(sqlite_store::parts& store, std::int64_t job,
                  const std::vector<dead_letter>& letters) {
  for (const dead_letter& one : letters) {
    query save =
        store.base.ask("INSERT OR REPLACE INTO dead_letter VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    save << job << one.key << one.field << one.id << one.drop << one.file << one.line << one.column
         << one.code << one.message << one.request_id << static_cast<std::int64_t>(one.attempts)
         << number_of(one.since) << number_of(one.next_retry);
    save.run();
  }
}

void remember(sqlite_store::parts& store, std::int64_t job, const customer_levels& customer,
              const settle& ended) {
  for (const auto& [name, now] : ended.acknowledged) {
    const auto before = customer.acknowledged.find(name);
    const bool known = before != customer.acknowledged.end();
    if (known && before->second == now) continue;
    query save = store.base.ask("INSERT INTO history VALUES(?,?,?,?,?,?,?,?,?,?)");
    save << ended.run << job << ended.key << name
         << (known ? std::optional(before->second.json) : std::nullopt) << now.json << ended.drop
         << (customer.wanted ? customer.wanted->line : 0) << ended.request_id
         << number_of(ended.at);
    save.run();
  }
}

void acknowledge(customer_levels& customer, const field_values& acknowledged,
                 const field_values& echoed) {
  for (const auto& [name, held] : acknowledged) {
    customer.acknowledged.insert_or_assign(name, held);
    customer.echoed.erase(name);
  }
  for (const auto& [name, form] : echoed) customer.echoed.insert_or_assign(name, form);
}

settled_row settled(const customer_levels& customer) {
  return {.settled = true,
          .key = customer.key,
          .line_print = customer.wanted->line_print,
          .canonical_print = customer.wanted->canonical_print};
}

settled_row not_settled(const std::string& key) {
  settled_row row;
  row.key = key;
  return row;
}

/// The row is done with: it leaves `wanted`, and its drop counts it as what it became.
settled_row leave_wanted(sqlite_store::parts& store, std::int64_t job,
                         const customer_levels& customer, row_class became) {
  store.recount(customer.wanted->drop, customer.wanted->counted, became);
  store.delete_wanted(job, customer.key, customer.wanted->drop);
  delete_letters(store, job, customer.key);
  return settled(customer);
}

/// The doubt after an answer: gone, unless an earlier attempt may still be applied.
/// `answered_ok`: the API took this attempt, so the read-back can be waited for.
bool end_doubt(sqlite_store::parts& store, std::int64_t job, const settle& ended,
               bool to_be_proven) {
  const auto kept = store.load_doubt(job, ended.key);
  if (!kept) return false;
  if (!kept->was_unanswered) {
    delete_doubt(store, job, ended.key);
    return false;
  }
  if (to_be_proven) {
    set_phase(store, job, ended.key, doubt::phase::proving, ended.released_at + ended.prove_after);
  } else {
    set_phase(store, job, ended.key, doubt::phase::unanswered, instant(0));
  }
  return true;
}

settled_row on_applied(sqlite_store::parts& store, std::int64_t job, customer_levels& customer,
                       const settle& ended) {
  remember(store, job, customer, ended);
  acknowledge(customer, ended.acknowledged, ended.echoed);
  store.save_acknowledged(job, customer);
  const bool still_in_doubt = end_doubt(store, job, ended, true);
  const bool ours = customer.wanted && customer.wanted->drop == ended.drop;
  if (!ours) return not_settled(ended.key);
  delete_letters(store, job, ended.key);
  if (!ended.dead.empty()) {
    save_letters(store, job, ended.dead);
    store.count_as(job, ended.key, *customer.wanted, row_class::rejected);
    return not_settled(ended.key);
  }
  if (still_in_doubt || !fulfilled(customer)) {
    store.count_as(job, ended.key, *customer.wanted, row_class::pending);
    return not_settled(ended.key);
  }
  return leave_wanted(store, job, customer, row_class::applied);
}

/// A verdict on values that a newer drop has replaced never dead-letters the newer ones.
void refuse(sqlite_store::parts& store, std::int64_t job, customer_levels& customer,
            const settle& ended) {
  const bool ours = customer.wanted && customer.wanted->drop == ended.drop;
  if (!ours || ended.dead.empty()) return;
  delete_letters(store, job, ended.key);
  save_letters(store, job, ended.dead);
  store.count_as(job, ended.key, *customer.wanted, row_class::rejected);
}

}  // namespace

void release_at(sqlite_store::parts& store, slot_number slot, instant at) {
  query save = store.base.ask("UPDATE slot SET released_at=? WHERE number=?");
  save << at.count() << slot;
  save.run();
}

settled_row settle_attempt(sqlite_store::parts& store, const settle& ended) {
  if (ended.slot != 0) release_at(store, ended.slot, ended.released_at);
  const std::int64_t job = store.job_number(ended.job);
  std::optional<customer_levels> customer = store.load(job, ended.job, ended.key);
  if (!customer) return not_settled(ended.key);
  switch (ended.kind) {
    case settle_kind::applied:
      return on_applied(store, job, *customer, ended);
    case settle_kind::refused:
      end_doubt(store, job, ended, true);
      refuse(store, job, *customer, ended);
      return not_settled(ended.key);
    case settle_kind::denied:
      end_doubt(store, job, ended, false);
      return not_settled(ended.key);
    case settle_kind::unanswered:
      set_phase(store, job, ended.key, doubt::phase::unanswered, instant(0));
      refuse(store, job, *customer, ended);
      return not_settled(ended.key);
    case settle_kind::gone:
      customer->id.clear();
      customer->acknowledged.clear();
      customer->echoed.clear();
      store.save_acknowledged(job, *customer);
      delete_doubt(store, job, ended.key);
      refuse(store, job, *customer, ended);
      return not_settled(ended.key);
  }
  return not_settled(ended.key);
}

settled_row prove_customer(sqlite_store::parts& store, const prove& read) {
  const std::int64_t job = store.job_number(read.job);
  std::optional<customer_levels> customer = store.load(job, read.job, read.key);
  if (!customer) return not_settled(read.key);
  // A new attempt began meanwhile: what was read may be older than it.
  if (!customer->in_doubt || customer->in_doubt->at != doubt::phase::proving) {
    return not_settled(read.key);
  }
  acknowledge(*customer, read.acknowledged, {});
  store.save_acknowledged(job, *customer);
  delete_doubt(store, job, read.key);
  if (!customer->wanted) return not_settled(read.key);
  if (fulfilled(*customer)) return leave_wanted(store, job, *customer, row_class::applied);
  if (customer->dead.empty()) {
    store.count_as(job, read.key, *customer->wanted, row_class::pending);
  }
  return not_settled(read.key);
}

settled_row close_unchanged(sqlite_store::parts& store, const close_row& row) {
  const std::int64_t job = store.job_number(row.job);
  const std::optional<customer_levels> customer = store.load(job, row.job, row.key);
  const bool ours = customer && customer->wanted && customer->wanted->drop == row.drop;
  if (!ours || customer->in_doubt || !fulfilled(*customer)) return not_settled(row.key);
  return leave_wanted(store, job, *customer, row_class::unchanged);
}

}  // namespace patchbay
