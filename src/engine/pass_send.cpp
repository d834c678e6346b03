// A pass's sending: from a ticket to its PATCH, and from each kind of reply to its settle.
#include <utility>
#include <variant>

#include "delivery_pass.hpp"
#include "patchbay/policy/windows.hpp"
#include "patchbay/protocol/replies.hpp"
#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;

namespace {

verdict verdict_of(const no_reply& failed) {
  verdict made;
  made.message = failed.message;
  switch (failed.why) {
    case no_reply::cause::unsent:
      made.kind = verdict_kind::unsent;
      break;
    case no_reply::cause::refused_tls:
      made.kind = verdict_kind::refused_tls;
      break;
    case no_reply::cause::timed_out:
    case no_reply::cause::reset:
    case no_reply::cause::unreadable:
      made.kind = verdict_kind::unanswered;
      break;
  }
  return made;
}

}  // namespace

asio::awaitable<void> delivery_pass::send(ticket which) {
  customer_in_hand& one = hand_.at(which);
  if (one.epoch != share_of(one).epoch) {
    co_await go_on(which, instant(0));
    co_return;
  }
  if (fields_to_send(one.levels).empty()) {
    co_await nothing_to_send(which);
    co_return;
  }
  if (needs_metadata(fields_to_send(one.levels), one.job->mapping) && !one.metadata) {
    // What it was read for has gone, and come again.
    co_await go_on(which, instant(0));
    co_return;
  }
  result<built_patch> built =
      build_patch(one.levels, one.job->mapping, groups_, parts_.given.sealing, one.metadata);
  if (!built) {
    co_await refuse_unsent(which, built.error().code, built.error().message);
    co_return;
  }
  if (built->asked.empty()) {
    co_await refuse_unsent(which, "FIELD_NOT_MAPPED",
                           "what is pending belongs to fields that the job no longer maps: map "
                           "them again, or drop this dead letter");
    co_return;
  }
  attempt made;
  made.which = which;
  made.built = std::move(*built);
  made.drop = one.levels.wanted ? one.levels.wanted->drop : 0;
  co_await lease_and_send(std::move(made));
}

asio::awaitable<void> delivery_pass::lease_and_send(attempt made) {
  clock& time = parts_.given.time;
  customer_in_hand& one = hand_.at(made.which);
  const bool merges = needs_metadata(made.built.asked, one.job->mapping);
  const need what = merges ? need::metadata_patch : need::patch;
  unless_stopped<std::string> token = co_await parts_.token.get(share_of(one).asked.payer.spent);
  if (!token) {
    end(token.error());
    dispatch_.again(made.which, what, time.now());
    co_return;
  }
  made.token = std::move(*token);
  lease_request asked;
  asked.kind = request_class::patch;
  asked.limits = parts_.reads.limits(request_class::patch);
  asked.job = one.levels.job;
  asked.key = one.levels.key;
  for (const auto& [name, wanted] : made.built.asked) asked.fields.push_back(name);
  delivery_op op = std::move(asked);
  const op_result granted = co_await parts_.queue.submit(std::move(op));
  const lease slot = std::get<lease>(granted);
  if (!slot.slot) {
    const instant now = time.now();
    dispatch_.gate_of(request_class::patch).denied(slot.not_before, now);
    dispatch_.again(made.which, what, now);
    co_return;
  }
  made.slot = *slot.slot;
  made.taken = slot.taken;
  borrowed_session session = co_await parts_.pool.borrow();
  if (!may_leave(made)) {
    session.give_back();
    co_await cancel(std::move(made), time.now());
    co_return;
  }
  co_await exchange_patch(std::move(made), std::move(session));
}

bool delivery_pass::may_leave(const attempt& made) const {
  const instant now = parts_.given.time.now();
  const customer_in_hand& one = hand_.at(made.which);
  const bool merges = needs_metadata(made.built.asked, one.job->mapping);
  if (merges && now - one.metadata_read >= metadata_good_for) return false;
  if (one.epoch != share_of(one).epoch || parts_.closing.closed()) return false;
  if (dispatch_.deadline_passed(one.job->name, now)) return false;
  // A 429, or a silence, that came while it waited for a session.
  return !parts_.target->patch.shut(now);
}

asio::awaitable<void> delivery_pass::exchange_patch(attempt made, borrowed_session session) {
  customer_in_hand& one = hand_.at(made.which);
  request what = patch_customer(base_path_, made.built.content, one.job->mapping.fields);
  what.authorization = "Bearer " + made.token;
  made.repeats = std::exchange(one.repeats, false);
  ++share_of(one).asked.payer.spent.patch;
  share_of(one).asked.payer.spent.retried += made.repeats ? 1 : 0;
  auto answer = co_await session.line().send(std::move(what), parts_.config.api.request_timeout);
  session.give_back();
  if (answer) {
    made.ended = answer->received;
    co_await on_reply(std::move(made), std::move(*answer));
  } else {
    made.ended = answer.error().ended + still_travelling;
    co_await on_no_reply(std::move(made), answer.error());
  }
}

asio::awaitable<void> delivery_pass::on_reply(attempt made, reply answer) {
  const customer_in_hand& one = hand_.at(made.which);
  auto [said, echo] = read_patch_answer(answer, one.job->mapping.fields);
  const yielding to_others = parts_.reads.heed(request_class::patch, said, made.taken);
  dispatch_.gate_of(request_class::patch).quota(to_others, answer.received);
  switch (said.kind) {
    case verdict_kind::confirmed:
      co_await on_confirmed(std::move(made), std::move(said), std::move(echo));
      break;
    case verdict_kind::refused:
    case verdict_kind::gone:
      co_await on_refused(std::move(made), std::move(said));
      break;
    case verdict_kind::conflict:
    case verdict_kind::locked:
    case verdict_kind::unanswered:
      co_await on_failed_try(std::move(made), std::move(said));
      break;
    case verdict_kind::throttled:
    case verdict_kind::stale_token:
    case verdict_kind::forbidden:
    case verdict_kind::misused:
    case verdict_kind::unsent:
    case verdict_kind::refused_tls:
      co_await on_denied(std::move(made), std::move(said));
      break;
  }
}

asio::awaitable<void> delivery_pass::on_no_reply(attempt made, no_reply failed) {
  verdict said = verdict_of(failed);
  if (said.kind == verdict_kind::unanswered) {
    co_await on_failed_try(std::move(made), std::move(said));
    co_return;
  }
  // No byte has left: the slot is free again, and no record is to blame.
  customer_in_hand& one = hand_.at(made.which);
  --share_of(one).asked.payer.spent.patch;
  share_of(one).asked.payer.spent.retried -= made.repeats ? 1 : 0;
  one.repeats = made.repeats;
  tell_attempt(severity::warning, made, said);
  const instant now = parts_.given.time.now();
  if (said.kind == verdict_kind::refused_tls) {
    end({stop_cause::unreachable, "TLS_REFUSED", said.message});
  }
  dispatch_.on_failure(now, false, std::nullopt);
  parts_.reads.tell_circuit(request_class::patch);
  co_await cancel(std::move(made), now + parts_.config.api.retry.base);
}

asio::awaitable<void> delivery_pass::on_confirmed(attempt made, verdict said,
                                                  std::optional<remote_customer> echo) {
  const customer_in_hand& one = hand_.at(made.which);
  const mapping_spec& mapping = one.job->mapping;
  parts_.token.accept(made.token);
  if (!echo || echo->id != one.levels.id) {
    said.kind = verdict_kind::unanswered;
    said.message = "the answer shows no customer, or another one";
    co_await on_failed_try(std::move(made), std::move(said));
    co_return;
  }
  const field_rules rules{mapping, parts_.given.sealing};
  settle ended = settle_confirmed(one.levels, made.built, *echo, rules, frame_of(one));
  settle frame = settle_of(made, settle_kind::applied, said.request_id);
  frame.acknowledged = std::move(ended.acknowledged);
  frame.echoed = std::move(ended.echoed);
  frame.dead = std::move(ended.dead);
  for (dead_letter& letter : frame.dead) letter.request_id = said.request_id;
  const bool not_taken = !frame.dead.empty();
  if (not_taken) said.message = "the API answered with success but did not take every value";
  tell_attempt(not_taken ? severity::warning : severity::debug, made, said);
  delivery_op op = std::move(frame);
  const bool settled = co_await commit(std::move(op));
  on_answer(made.which);
  if (not_taken) note_rejected(one);
  co_await after_settle(made.which, settled);
}

asio::awaitable<void> delivery_pass::on_refused(attempt made, verdict said) {
  const customer_in_hand& one = hand_.at(made.which);
  const bool gone = said.kind == verdict_kind::gone;
  settle ended = settle_of(made, gone ? settle_kind::gone : settle_kind::refused, said.request_id);
  ended.dead = letters_of(one.levels, said, one.job->mapping, frame_of(one));
  tell_attempt(severity::warning, made, said);
  note_taken(made, said);
  parts_.token.accept(made.token);
  delivery_op op = std::move(ended);
  co_await commit(std::move(op));
  on_answer(made.which);
  note_rejected(one);
  co_await go_on(made.which, instant(0));
}

asio::awaitable<void> delivery_pass::on_failed_try(attempt made, verdict said) {
  const bool unanswered = said.kind == verdict_kind::unanswered;
  const instant now = parts_.given.time.now();
  // An answer that blames nobody (5xx) counts for the breaker like none at all.
  if (unanswered) {
    dispatch_.on_failure(now, true, made.which);
    parts_.reads.tell_circuit(request_class::patch);
  }
  const customer_in_hand& one = hand_.at(made.which);
  const bool last = dispatch_.on_last_try(made.which);
  // A 409 or 423 passes: the copy of the request that something between had repeated may have met
  // it alone, or have caused it.
  const bool put_off = last && !unanswered;
  settle ended =
      settle_of(made, put_off ? settle_kind::put_off : settle_kind::unanswered, said.request_id);
  if (last) {
    dead_letter letter =
        letter_of(one.levels, "RETRIES_EXHAUSTED",
                  "no success within api.retry.attempts; the last: " + said.message, frame_of(one));
    letter.request_id = said.request_id;
    ended.dead.push_back(std::move(letter));
    note_rejected(one);
  }
  tell_attempt(severity::warning, made, said);
  delivery_op op = std::move(ended);
  co_await commit(std::move(op));
  if (unanswered) {
    dispatch_.on_release();
  } else {
    on_answer(made.which);
  }
  if (last) {
    co_await go_on(made.which, instant(0));
    co_return;
  }
  hand_.at(made.which).repeats = true;
  const bool still_there = co_await load_again(made.which);
  if (!still_there) {
    co_await go_on(made.which, instant(0));
    co_return;
  }
  if (!dispatch_.retry(made.which, parts_.given.time.now())) {
    co_await go_on(made.which, parts_.given.time.now() + parts_.config.api.retry.base);
  }
}

asio::awaitable<void> delivery_pass::on_denied(attempt made, verdict said) {
  const bool throttled = said.kind == verdict_kind::throttled;
  const customer_in_hand& one = hand_.at(made.which);
  const bool merges = needs_metadata(made.built.asked, one.job->mapping);
  tell_attempt(throttled ? severity::warning : severity::info, made, said);
  delivery_op op = settle_of(made, settle_kind::denied, said.request_id);
  co_await commit(std::move(op));
  const instant now = parts_.given.time.now();
  if (throttled) {
    ++share_of(one).asked.payer.spent.throttled;
    dispatch_.gate_of(request_class::patch).throttled(said.retry_after, now);
    dispatch_.on_release();
  } else if (said.kind == verdict_kind::stale_token) {
    hand_.at(made.which).repeats = true;
    if (!parts_.token.refuse(made.token)) end(token_not_accepted());
    on_answer(made.which);
  } else if (said.kind == verdict_kind::forbidden) {
    end(forbidden_by(said));
  } else {
    end(misused_by(said));
  }
  dispatch_.again(made.which, merges ? need::metadata_patch : need::patch, now);
}

/// Any definite answer to a PATCH but a 429.
void delivery_pass::on_answer(ticket which) {
  dispatch_.on_answer(which);
  parts_.reads.tell_circuit(request_class::patch);
}

asio::awaitable<void> delivery_pass::cancel(attempt made, instant again_at) {
  const customer_in_hand& one = hand_.at(made.which);
  const bool merges = needs_metadata(made.built.asked, one.job->mapping);
  delivery_op op = cancel_lease{made.slot, one.levels.job, one.levels.key};
  co_await parts_.queue.submit(std::move(op));
  dispatch_.on_release();
  dispatch_.again(made.which, merges ? need::metadata_patch : need::patch, again_at);
}

asio::awaitable<void> delivery_pass::refuse_unsent(ticket which, std::string code,
                                                   std::string message) {
  const customer_in_hand& one = hand_.at(which);
  attempt none;
  none.which = which;
  none.drop = one.levels.wanted ? one.levels.wanted->drop : 0;
  none.ended = parts_.given.time.now();
  settle ended = settle_of(none, settle_kind::refused, "");
  ended.dead.push_back(letter_of(one.levels, code, message, frame_of(one)));
  parts_.given.watcher.note(severity::warning, "rejected", message,
                            {{"run", share_of(one).asked.payer.run},
                             {"job", one.levels.job},
                             {"customer", one.levels.key}});
  delivery_op op = std::move(ended);
  co_await commit(std::move(op));
  note_rejected(one);
  co_await go_on(which, instant(0));
}

/// Equal already: an operator's word, or a read, made it so. What is still in doubt is read back.
asio::awaitable<void> delivery_pass::nothing_to_send(ticket which) {
  const customer_in_hand& one = hand_.at(which);
  const drop_number drop = one.levels.wanted ? one.levels.wanted->drop : 0;
  delivery_op op = close_row{one.levels.job, one.levels.key, drop};
  if (one.levels.in_doubt) {
    attempt none;
    none.which = which;
    none.drop = drop;
    none.ended = parts_.given.time.now();
    op = settle_of(none, settle_kind::applied, "");
  }
  const bool settled = co_await commit(std::move(op));
  co_await after_settle(which, settled);
}

}  // namespace patchbay
