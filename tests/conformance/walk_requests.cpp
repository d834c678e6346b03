// The walk's side of delivery: requests that leave, arrive, get lost, and are read back.
#include <doctest/doctest.h>

#include "walk_model.hpp"

namespace patchbay::testing {
settle random_walk::settle_for(const std::string& key, settle_kind kind) const {
  const sending& out = *world_.at(key).out;
  settle made;
  made.kind = kind;
  made.slot = out.slot;
  made.released_at = now_;
  made.job = job;
  made.key = key;
  made.drop = out.drop;
  made.prove_after = at_second(request_timeout);
  made.run = "run";
  made.request_id = "req";
  made.at = today();
  return made;
}

dead_letter random_walk::letter_for(const std::string& key, const std::string& field) const {
  dead_letter made;
  made.job = job;
  made.key = key;
  made.drop = world_.at(key).out->drop;
  made.field = field;
  made.code = "REFUSED";
  made.attempts = 1;
  made.since = today();
  made.next_retry = on_day(day_ + 2);
  return made;
}

settled_row random_walk::commit_settle(const settle& ended) {
  const delivery_op op = ended;
  return std::get<settled_row>(store_.commit(std::span(&op, 1), now_).front());
}

void random_walk::lease(const std::string& key) {
  const customer_levels before = known(key);
  world_customer& one = world_[key];
  if (!before.wanted || before.id.empty() || one.out) return;
  const field_values send = fields_to_send(before);
  if (send.empty()) return;
  lease_request asked;
  asked.kind = request_class::patch;
  asked.limits = {{100, milliseconds(1)}};
  asked.job = job;
  asked.key = key;
  for (const auto& [name, wanted] : send) asked.fields.push_back(name);
  const delivery_op op = asked;
  const auto slot = std::get<patchbay::lease>(store_.commit(std::span(&op, 1), now_).front()).slot;
  REQUIRE(slot);
  one.out = sending{*slot, before.wanted->drop, send};
}

void random_walk::answer(const std::string& key, int roll) {
  if (!world_[key].out) return;
  if (roll < 4) return confirm(key, true);
  if (roll == 4) return confirm(key, false);
  if (roll == 5) return fail(key, settle_kind::refused, true);
  if (roll == 6) return fail(key, settle_kind::denied, false);
  if (roll == 7) return fail(key, settle_kind::unanswered, chance(30));
  if (roll == 8 && chance(30)) return fail(key, settle_kind::gone, true);
  cancel(key);
}

void random_walk::confirm(const std::string& key, bool all_taken) {
  const customer_levels before = known(key);
  world_customer& one = world_[key];
  settle ended = settle_for(key, settle_kind::applied);
  ended.acknowledged = one.out->fields;
  if (!all_taken && ended.acknowledged.contains("email")) {
    ended.acknowledged.insert_or_assign("email", text("kept"));
    ended.dead = {letter_for(key, "email")};
  }
  overwrite(one.at_api, ended.acknowledged);
  one.out.reset();
  drops_[ended.drop].confirmed[key] = true;
  const settled_row row = commit_settle(ended);
  if (row.settled) return on_settled(row, before, row_class::applied);
  const customer_levels after = known(key);
  if (!after.wanted || after.wanted->drop != ended.drop) return;
  drops_[ended.drop].fates[key] = ended.dead.empty() ? row_class::pending : row_class::rejected;
}

void random_walk::fail(const std::string& key, settle_kind kind, bool for_good) {
  const customer_levels before = known(key);
  world_customer& one = world_[key];
  settle ended = settle_for(key, kind);
  if (for_good) ended.dead = {letter_for(key, chance(50) ? "email" : "")};
  if (kind == settle_kind::unanswered) {
    one.lost.push_back({one.out->fields, now_ + at_second(request_timeout)});
    if (chance(50)) overwrite(one.at_api, one.out->fields);
  }
  if (kind == settle_kind::gone) one.lost.clear();
  one.out.reset();
  CHECK_FALSE(commit_settle(ended).settled);
  if (for_good && before.wanted && before.wanted->drop == ended.drop) {
    drops_[ended.drop].fates[key] = row_class::rejected;
  }
}

void random_walk::cancel(const std::string& key) {
  const delivery_op op = cancel_lease{world_[key].out->slot, job, key};
  store_.commit(std::span(&op, 1), now_);
  world_[key].out.reset();
}

void random_walk::crash() {
  for (auto& [key, one] : world_) {
    if (!one.out) continue;
    one.lost.push_back({one.out->fields, now_ + at_second(request_timeout)});
    if (chance(50)) overwrite(one.at_api, one.out->fields);
    one.out.reset();
  }
  store_.recover(now_, at_second(request_timeout));
}

void random_walk::prove_or_close(const std::string& key) {
  const customer_levels before = known(key);
  if (!before.wanted) return;
  const drop_number drop = before.wanted->drop;
  const bool confirmed = drops_[drop].confirmed[key];
  const row_class became = confirmed ? row_class::applied : row_class::unchanged;
  if (before.in_doubt && before.in_doubt->at == doubt::phase::proving &&
      before.in_doubt->not_before <= now_) {
    const delivery_op op = prove{job, key, world_[key].at_api, today()};
    const op_result done = store_.commit(std::span(&op, 1), now_).front();
    const auto& row = std::get<settled_row>(done);
    if (row.settled) return on_settled(row, before, became);
    if (before.dead.empty()) drops_[drop].fates[key] = row_class::pending;
    return;
  }
  if (!fields_to_send(before).empty() || world_[key].out) return;
  if (before.in_doubt && before.in_doubt->at == doubt::phase::proving) return;
  if (before.in_doubt) return read_back_unsent(key, before);
  const delivery_op op = close_row{job, key, drop};
  const op_result done = store_.commit(std::span(&op, 1), now_).front();
  CHECK(std::get<settled_row>(done).settled);
  on_settled(std::get<settled_row>(done), before, became);
}

void random_walk::read_back_unsent(const std::string& key, const customer_levels& before) {
  world_[key].out = sending{0, before.wanted->drop, {}};
  settle ended = settle_for(key, settle_kind::applied);
  world_[key].out.reset();
  CHECK_FALSE(commit_settle(ended).settled);
  drops_[ended.drop].fates[key] = row_class::pending;
}

void random_walk::on_settled(const settled_row& row, const customer_levels& before,
                             row_class became) {
  REQUIRE(before.wanted);
  world_customer& one = world_[row.key];
  CHECK(one.lost.empty());
  CHECK(row.line_print == before.wanted->line_print);
  for (const auto& [name, wanted] : before.wanted->fields) CHECK(one.at_api[name] == wanted);
  drops_[before.wanted->drop].fates[row.key] = became;
  CHECK(known(row.key).settled());
}

void random_walk::drop_dead(const std::string& key) {
  const customer_levels before = known(key);
  const std::int64_t found = store_.drop_dead(key, "ada", today());
  CHECK(found == (before.dead.empty() ? 0 : 1));
  if (before.dead.empty() || !before.wanted) return;
  const customer_levels after = known(key);
  drops_[before.wanted->drop].fates[key] = after.wanted ? row_class::pending : row_class::unchanged;
}

}  // namespace patchbay::testing
