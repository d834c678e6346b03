// The store's side of delivery: what is pending, and the group commit.
#include <algorithm>

#include "doubts.hpp"
#include "parts.hpp"
#include "patchbay/policy/windows.hpp"
#include "settling.hpp"
#include "slots.hpp"

namespace patchbay {
namespace {

constexpr std::int64_t prune_every = 256;

// `due` says when a row has something to do (see reckon_due). Who has no id cannot be sent before
// it is looked up.
constexpr const char* page_of_pending =
    "SELECT w.key FROM wanted w"
    " CROSS JOIN drop_record d ON d.number=w.drop_no AND d.state=3"
    " CROSS JOIN customer c ON c.job=w.job AND c.key=w.key AND c.id<>''"
    " WHERE w.job=?1 AND (w.drop_no, w.line, w.key) > (?2, ?3, ?4) AND w.due<=?5"
    " ORDER BY w.drop_no, w.line, w.key LIMIT ?6";
constexpr const char* page_of_forgotten =
    "SELECT c.key FROM customer c"
    " JOIN wanted w ON w.job=c.job AND w.key=c.key AND w.due<=?3"
    " JOIN drop_record d ON d.number=w.drop_no AND d.state=3"
    " WHERE c.job=?1 AND c.id='' AND c.key>?2 ORDER BY c.key LIMIT ?4";
constexpr const char* number_of_pending =
    "SELECT COUNT(*) FROM wanted w"
    " CROSS JOIN drop_record d ON d.number=w.drop_no AND d.state=3"
    " WHERE w.job=?1 AND w.due<=?2";

/// What each operation does; a part of the group's transaction.
class operation {
 public:
  operation(sqlite_store::parts& store, instant now) : store_(store), now_(now) {}

  op_result operator()(const lease_request& asked) const { return grant(store_, asked, now_); }
  op_result operator()(const release_slot& ended) const {
    release_at(store_, ended.slot, ended.at);
    return std::monostate();
  }
  op_result operator()(const cancel_lease& asked) const {
    take_back(store_, asked);
    return std::monostate();
  }
  op_result operator()(const settle& ended) const { return settle_attempt(store_, ended); }
  op_result operator()(const prove& read) const { return prove_customer(store_.base, read, now_); }
  op_result operator()(const close_row& row) const { return close_unsent(store_.base, row); }

 private:
  sqlite_store::parts& store_;
  instant now_;
};

std::vector<op_result> commit_all(sqlite_store::parts& store, std::span<const delivery_op> ops,
                                  instant asked_at) {
  std::vector<op_result> results;
  results.reserve(ops.size());
  transaction all(store.base);
  // Others may have been waited for.
  const instant now = store.options.now ? std::max(asked_at, store.options.now()) : asked_at;
  forget_stale_slots(store);
  const operation carry_out(store, now);
  for (const delivery_op& op : ops) results.push_back(std::visit(carry_out, op));
  if (++store.commits % prune_every == 0) prune_slots(store, now);
  all.commit();
  return results;
}

}  // namespace

std::vector<customer_levels> sqlite_store::pending(std::string_view job,
                                                   const pending_cursor& after, std::size_t most,
                                                   wall_time now) {
  database& base = parts_->base;
  const snapshot one_moment(base);
  std::vector<std::string> keys;
  {
    query asked = base.ask(page_of_pending);
    asked << find_job(base, job) << after.drop << after.line << after.key << ms_of(now)
          << static_cast<std::int64_t>(most);
    while (asked.step()) keys.push_back(asked.text(0));
  }
  return load_all(base, job, keys);
}

std::vector<customer_levels> sqlite_store::forgotten(std::string_view job, const std::string& after,
                                                     std::size_t most, wall_time now) {
  database& base = parts_->base;
  const snapshot one_moment(base);
  std::vector<std::string> keys;
  {
    query asked = base.ask(page_of_forgotten);
    asked << find_job(base, job) << after << ms_of(now) << static_cast<std::int64_t>(most);
    while (asked.step()) keys.push_back(asked.text(0));
  }
  return load_all(base, job, keys);
}

std::int64_t sqlite_store::count_pending(std::string_view job, wall_time now) {
  const snapshot one_moment(parts_->base);
  const job_number number = find_job(parts_->base, job);
  query asked = parts_->base.ask(number_of_pending);
  asked << number << ms_of(now);
  return asked.step() ? asked.number(0) : 0;
}

std::vector<customer_levels> sqlite_store::refused_addresses(std::string_view job) {
  database& base = parts_->base;
  const snapshot one_moment(base);
  std::vector<std::string> keys;
  {
    query asked = base.ask("SELECT DISTINCT key FROM dead_letter WHERE job=? AND field='email'");
    asked << find_job(base, job);
    while (asked.step()) keys.push_back(asked.text(0));
  }
  return load_all(base, job, keys);
}

std::vector<op_result> sqlite_store::commit(std::span<const delivery_op> ops, instant now) {
  try {
    return commit_all(*parts_, ops, now);
  } catch (...) {
    parts_->slots.clear();  // what they hold was rolled back
    throw;
  }
}

void sqlite_store::recover(instant now, nanoseconds prove_after) {
  database& base = parts_->base;
  transaction all(base);
  // Only the owner of the state sends PATCHes, and the one before this one is gone.
  for (const attempt& cut_off : attempts_in_flight(base)) {
    release_at(*parts_, cut_off.slot, now + still_travelling);
    end_attempt(base, cut_off, attempt_end::unanswered);
    reckon_due(base, cut_off.job, cut_off.key);
  }
  release_dead_leases(*parts_, now);
  {
    query proofs = base.ask("UPDATE doubt SET not_before=? WHERE earlier=?");
    proofs << std::int64_t{(now + prove_after).count()} << code_of(earlier_attempts::proving);
    proofs.run();
  }
  all.commit();
}

}  // namespace patchbay
