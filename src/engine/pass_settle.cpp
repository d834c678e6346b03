// A pass's settling: what becomes durable, and how a ticket goes on after it.
#include <algorithm>
#include <utility>
#include <variant>

#include "delivery_pass.hpp"
#include "reply_words.hpp"

namespace patchbay {

namespace asio = boost::asio;

settle delivery_pass::settle_of(const attempt& made, settle_kind kind,
                                const std::string& request_id) {
  const customer_in_hand& one = hand_.at(made.which);
  settle ended;
  ended.kind = kind;
  ended.slot = made.slot;
  ended.released_at = made.ended;
  ended.job = one.levels.job;
  ended.key = one.levels.key;
  ended.drop = made.drop;
  ended.prove_after = parts_.config.api.request_timeout;
  ended.run = share_of(one).asked.payer.run;
  ended.request_id = request_id;
  ended.at = parts_.given.time.wall();
  return ended;
}

letter_frame delivery_pass::frame_of(const customer_in_hand& one) const {
  letter_frame frame;
  frame.now = parts_.given.time.wall();
  if (one.levels.wanted) {
    const auto file = files_.find(one.levels.wanted->drop);
    if (file != files_.end()) frame.file = file->second;
  }
  // A second chance within the run is no further refusal.
  const int again = share_of(one).refused.contains(one.levels.key) ? 1 : 0;
  for (const dead_letter& before : one.levels.dead) {
    frame.attempts_before = std::max(frame.attempts_before, before.attempts - again);
    frame.since = frame.since == wall_time{} ? before.since : std::min(frame.since, before.since);
  }
  return frame;
}

asio::awaitable<bool> delivery_pass::commit(delivery_op op) {
  const op_result made = co_await parts_.queue.submit(std::move(op));
  const settled_row& row = std::get<settled_row>(made);
  co_await call_up(row.called);
  co_return row.settled;
}

asio::awaitable<bool> delivery_pass::load_again(ticket which) {
  customer_in_hand& one = hand_.at(which);
  const int epoch = share_of(one).epoch;
  const std::string job = one.levels.job;
  const std::vector<std::string> keys{one.levels.key};
  auto ask = [this, &job, &keys] { return parts_.given.customers.lookup(job, keys); };
  std::vector<customer_levels> found = co_await parts_.given.store_lane.run(ask);
  if (found.empty()) co_return false;
  one.levels = std::move(found.front());
  one.epoch = epoch;
  co_return true;
}

asio::awaitable<void> delivery_pass::go_on(ticket which, instant not_before) {
  const bool there = co_await load_again(which);
  dispatch_.finish(which);
  customer_in_hand& one = hand_.at(which);
  one.metadata.reset();
  std::optional<work_left> left;
  if (there) {
    left = work_left_for(one.levels, one.job->mapping, due_for(share_of(one), one.levels));
  }
  if (!left) {
    hand_.let_go(which);
    co_return;
  }
  dispatch_.add(which, one.levels.job, one.levels.id, left->what,
                std::max(left->not_before, not_before));
}

asio::awaitable<void> delivery_pass::after_settle(ticket which, bool settled) {
  const customer_in_hand& one = hand_.at(which);
  share& mine = share_of(one);
  if (settled) {
    mine.refused.erase(one.levels.key);
    ++mine.did.applied;
  }
  if (!settled || one.epoch != mine.epoch) {
    co_await go_on(which, instant(0));
    co_return;
  }
  dispatch_.finish(which);
  hand_.let_go(which);
}

void delivery_pass::note_rejected(const customer_in_hand& one) {
  share_of(one).refused.insert(one.levels.key);
}

wall_time delivery_pass::due_for(const share& mine, const customer_levels& one) const {
  return mine.refused.contains(one.key) ? wall_time::min() : mine.due;
}

bool delivery_pass::work_is_left(const share& mine) const {
  const std::string& job = mine.asked.job.name;
  if (dispatch_.exhausted(job)) return false;
  const auto is_refused = [&mine, &job](const customer_levels& one) {
    return one.job != job || mine.refused.contains(one.key);
  };
  return !mine.all_loaded || !hand_.all(is_refused);
}

void delivery_pass::tell_progress(const share& mine) {
  progress now;
  now.job = mine.asked.job.name;
  now.stage = parts_.closing.closed() ? "draining" : "delivering";
  const auto rejected = static_cast<std::int64_t>(mine.refused.size());
  now.done = mine.did.applied + rejected;
  now.of = std::max(mine.of, now.done);
  now.rejected = rejected;
  const double seconds =
      std::chrono::duration<double>(parts_.given.time.now() - mine.began).count();
  if (seconds > 0) {
    // A burst at the beginning does not go on: the windows say what does.
    now.per_second = std::min(static_cast<double>(mine.did.applied) / seconds,
                              parts_.reads.patches_per_second());
  }
  const gates& target = *parts_.target;
  const instant moment = parts_.given.time.now();
  if (target.patch.circuit().open() || target.get.circuit().open()) {
    now.waiting_for = "the API to answer again";
  } else if (target.patch.yields(moment) || target.get.yields(moment)) {
    now.waiting_for = "its share of the API's limit, which somebody else spends";
  }
  parts_.given.watcher.advance(now);
}

void delivery_pass::tell_attempt(severity how, const attempt& made, const verdict& said) {
  const customer_in_hand& one = hand_.at(made.which);
  tell_progress(share_of(one));
  if (!parts_.given.watcher.shows(how)) return;
  log_fields fields{{"run", share_of(one).asked.payer.run},
                    {"job", one.levels.job},
                    {"customer", one.levels.key},
                    {"id", one.levels.id},
                    {"attempt", std::to_string(dispatch_.attempt_of(made.which))},
                    {"status", std::to_string(said.status)}};
  if (!said.request_id.empty()) fields.emplace_back("request_id", said.request_id);
  if (!said.trace_id.empty()) fields.emplace_back("trace_id", said.trace_id);
  if (said.remaining) fields.emplace_back("remaining", std::to_string(*said.remaining));
  if (!said.refusals.empty()) fields.emplace_back("detail", said.message);
  parts_.given.watcher.note(how, "attempt", words_of("PATCH", said), fields);
}

}  // namespace patchbay
