#include "settling.hpp"

#include <algorithm>
#include <utility>

#include "addresses.hpp"
#include "doubts.hpp"
#include "slots.hpp"

namespace patchbay {
namespace {

/// One customer while an operation works on it.
struct customer_at_work {
  job_number job = no_job;
  customer_levels levels;        ///< without wanted, doubt and dead letters
  std::optional<kept_row> kept;  ///< the newest admitted row
};

settled_row not_settled(const std::string& key) {
  settled_row row;
  row.key = key;
  return row;
}

std::optional<customer_at_work> load(database& base, const std::string& job,
                                     const std::string& key) {
  customer_at_work found;
  found.job = find_job(base, job);
  std::optional<customer_levels> levels = load_customer(base, found.job, key);
  if (!levels) return std::nullopt;
  found.levels = std::move(*levels);
  found.kept = load_wanted(base, found.job, key);
  return found;
}

/// The API answered with another value than was asked for.
bool was_not_taken(const settle& ended, const std::string& name) {
  return std::ranges::any_of(ended.dead,
                             [&name](const dead_letter& one) { return one.field == name; });
}

/// What this PATCH wrote, for explain and revert: what was in doubt, too, for the API may have held
/// another value.
void remember(database& base, const customer_at_work& at, const settle& ended,
              const std::optional<kept_doubt>& doubted, std::int64_t line) {
  const auto in_doubt = [&doubted](const std::string& name) {
    if (!doubted) return false;
    const std::vector<std::string>& names = doubted->earlier_fields;
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const auto& [name, now] : ended.acknowledged) {
    const auto before = at.levels.acknowledged.find(name);
    const bool known = before != at.levels.acknowledged.end();
    const bool unchanged = known && before->second == now;
    if (unchanged && (!in_doubt(name) || was_not_taken(ended, name))) continue;
    query save = base.ask("INSERT INTO history VALUES(?,?,?,?,?,?,?,?,?,?,NULL)");
    save << ended.run << at.job << ended.key << name
         << (known ? std::optional(before->second.json) : std::nullopt) << now.json << ended.drop
         << line << ended.request_id << ms_of(ended.at);
    save.run();
  }
}

void acknowledge(customer_levels& levels, const field_values& acknowledged,
                 const field_values& echoed) {
  for (const auto& [name, held] : acknowledged) {
    levels.acknowledged.insert_or_assign(name, held);
    levels.echoed.erase(name);
  }
  for (const auto& [name, form] : echoed) levels.echoed.insert_or_assign(name, form);
}

/// The row is done with: it leaves `wanted`, its drop counts it as what it became.
settled_row leave(database& base, const customer_at_work& at, row_class became) {
  const wanted_row& row = at.kept->row;
  recount(base, row.drop, row.counted, became);
  delete_wanted(base, at.job, at.levels.key, row.drop);
  delete_letters(base, at.job, at.levels.key);
  return {.settled = true,
          .enters_set = at.levels.waived.empty() && !is_values_drop(at.kept->origin) &&
                        row.line_print != fingerprint{},
          .key = at.levels.key,
          .line_print = row.line_print,
          .canonical_print = row.canonical_print};
}

/// Letters of the fields that were asked for, and those that name no field, are answered.
void answer_letters(database& base, const customer_at_work& at, const settle& ended) {
  for (const dead_letter& one : load_letters(base, at.job, ended.key)) {
    if (!one.field.empty() && !ended.acknowledged.contains(one.field)) continue;
    query gone = base.ask("DELETE FROM dead_letter WHERE job=? AND key=? AND field=?");
    gone << at.job << ended.key << one.field;
    gone.run();
  }
  save_letters(base, at.job, ended.dead);
}

bool wrote_metadata(const settle& ended) {
  return std::ranges::any_of(ended.acknowledged,
                             [](const auto& one) { return one.first.starts_with("metadata."); });
}

settled_row on_applied(database& base, customer_at_work& at, const settle& ended) {
  std::optional<kept_doubt> doubted = load_doubt(base, at.job, ended.key);
  const bool ours = at.kept && at.kept->row.drop == ended.drop;
  const bool line_known = doubted && doubted->slot == ended.slot;
  const std::int64_t own_line = ours ? at.kept->row.line : 0;
  remember(base, at, ended, doubted, line_known ? doubted->line : own_line);
  acknowledge(at.levels, ended.acknowledged, ended.echoed);
  save_values(base, at.job, at.levels);
  const bool shaken = wrote_metadata(ended) && metadata_may_be_undone(base, at.job, at.levels.id);
  const bool in_doubt = end_attempt(base, {at.job, ended.key, ended.slot}, std::move(doubted),
                                    shaken ? attempt_end::shaken : attempt_end::applied,
                                    ended.released_at + ended.prove_after);
  if (!ours) return not_settled(ended.key);
  if (ended.dead.empty() && !in_doubt && fulfilled(at.levels, at.kept->row)) {
    return leave(base, at, row_class::applied);
  }
  answer_letters(base, at, ended);
  if (!ended.acknowledged.empty()) {
    query confirmed = base.ask("UPDATE wanted SET confirmed=1 WHERE job=? AND key=? AND drop_no=?");
    confirmed << at.job << ended.key << ended.drop;
    confirmed.run();
  }
  count_as(base, at.job, ended.key, at.kept->row,
           ended.dead.empty() ? row_class::pending : row_class::rejected);
  return not_settled(ended.key);
}

/// A verdict on values that a newer drop has replaced never dead-letters the newer ones.
void refuse(database& base, customer_at_work& at, const settle& ended) {
  const bool ours = at.kept && at.kept->row.drop == ended.drop;
  if (!ours || ended.dead.empty()) return;
  delete_letters(base, at.job, ended.key);
  save_letters(base, at.job, ended.dead);
  count_as(base, at.job, ended.key, at.kept->row, row_class::rejected);
}

settled_row settle_loaded(database& base, customer_at_work& at, const settle& ended) {
  const attempt mark{at.job, ended.key, ended.slot};
  const instant prove_at = ended.released_at + ended.prove_after;
  switch (ended.kind) {
    case settle_kind::applied:
      return on_applied(base, at, ended);
    case settle_kind::refused:
      end_attempt(base, mark, attempt_end::given_up, prove_at);
      refuse(base, at, ended);
      break;
    case settle_kind::denied:
      end_attempt(base, mark, attempt_end::definite_no);
      break;
    case settle_kind::unanswered:
      end_attempt(base, mark, attempt_end::unanswered);
      refuse(base, at, ended);
      break;
    case settle_kind::put_off:
      end_attempt(base, mark, attempt_end::put_off, prove_at);
      refuse(base, at, ended);
      break;
    case settle_kind::gone:
      forget_customer(base, at.job, at.levels);
      refuse(base, at, ended);
      break;
  }
  return not_settled(ended.key);
}

}  // namespace

void forget_customer(database& base, job_number job, customer_levels& levels) {
  levels.id.clear();
  levels.acknowledged.clear();
  levels.echoed.clear();
  save_customer(base, job, levels);
  // What does not exist holds no value of an earlier attempt.
  delete_doubt(base, job, levels.key);
  bar_line(base, job, levels.key);
}

void bar_line(database& base, job_number job, std::string_view key) {
  query bars = base.ask("UPDATE wanted SET line_print=?, canonical_print=? WHERE job=? AND key=?");
  bars << fingerprint{} << fingerprint{} << job << key;
  bars.run();
}

settled_row settle_attempt(sqlite_store::parts& store, const settle& ended) {
  database& base = store.base;
  if (ended.slot != 0) release_at(store, ended.slot, ended.released_at);
  std::optional<customer_at_work> at = load(base, ended.job, ended.key);
  if (!at) return not_settled(ended.key);
  const std::optional<value> address = address_held(at->levels);
  settled_row done = settle_loaded(base, *at, ended);
  if (!done.settled) reckon_due(base, at->job, ended.key);
  done.called = call_waiting(base, address, at->levels, ended.at);
  return done;
}

namespace {

settled_row prove_loaded(database& base, customer_at_work& at, const prove& read) {
  merge_read(at.levels, read.acknowledged);
  for (const std::string& name : read.unseen) {
    if (at.kept && at.kept->row.fields.contains(name)) at.levels.acknowledged.erase(name);
  }
  save_customer(base, at.job, at.levels);
  delete_doubt(base, at.job, read.key);
  if (!at.kept) return not_settled(read.key);
  if (fulfilled(at.levels, at.kept->row)) {
    return leave(base, at, at.kept->confirmed ? row_class::applied : row_class::unchanged);
  }
  if (load_letters(base, at.job, read.key).empty()) {
    count_as(base, at.job, read.key, at.kept->row, row_class::pending);
  }
  reckon_due(base, at.job, read.key);
  return not_settled(read.key);
}

}  // namespace

settled_row prove_customer(database& base, const prove& read, instant now) {
  std::optional<customer_at_work> at = load(base, read.job, read.key);
  if (!at) return not_settled(read.key);
  // A new attempt began (and perhaps ended) meanwhile: what was read may be older than it.
  const std::optional<kept_doubt> doubted = load_doubt(base, at->job, read.key);
  const bool current = doubted && doubted->slot == 0 &&
                       doubted->earlier == earlier_attempts::proving && doubted->not_before <= now;
  if (!current) return not_settled(read.key);
  const std::optional<value> address = address_held(at->levels);
  settled_row done = prove_loaded(base, *at, read);
  done.called = call_waiting(base, address, at->levels, read.at);
  return done;
}

settled_row close_unsent(database& base, const close_row& row) {
  const std::optional<customer_at_work> at = load(base, row.job, row.key);
  const bool ours = at && at->kept && at->kept->row.drop == row.drop;
  if (!ours || load_doubt(base, at->job, row.key)) return not_settled(row.key);
  if (!fulfilled(at->levels, at->kept->row)) return not_settled(row.key);
  return leave(base, *at, at->kept->confirmed ? row_class::applied : row_class::unchanged);
}

}  // namespace patchbay
