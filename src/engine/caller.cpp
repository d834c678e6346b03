#include "caller.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "patchbay/protocol/replies.hpp"
#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

/// While every slot is in flight, somebody's reply opens one; others may be the somebody.
constexpr milliseconds ask_again_after{20};

nanoseconds doubling(nanoseconds first, int times, nanoseconds most) {
  nanoseconds pause = first;
  for (int i = 1; i < times && pause < most; ++i) pause *= 2;
  return std::min(pause, most);
}

}  // namespace

asio::awaitable<std::unique_ptr<exchange>> session_pool::borrow() {
  while (idle_.empty() && made_ >= most_) {
    std::shared_ptr<alarm> bell = time_.make_alarm();
    waiting_.push_back(bell);
    co_await bell->wait(instant::max());
  }
  if (idle_.empty()) {
    ++made_;
    co_return api_.open();
  }
  std::unique_ptr<exchange> line = std::move(idle_.back());
  idle_.pop_back();
  co_return line;
}

void session_pool::give_back(std::unique_ptr<exchange> line) {
  idle_.push_back(std::move(line));
  if (waiting_.empty()) return;
  waiting_.front()->ring();
  waiting_.pop_front();
}

window_limits caller::limits(request_class kind) const {
  std::optional<int> shown;
  if (const auto found = shown_limits_.find(kind); found != shown_limits_.end()) {
    shown = found->second;
  }
  return windows_for(api_, kind, parts_.token.test_mode(), shown);
}

yielding caller::heed(request_class kind, const verdict& said, int taken) {
  if (!said.limit || !said.remaining || *said.limit <= 0) return {};
  const auto before = shown_limits_.find(kind);
  for (const window_limit& one : limits(kind)) {
    const bool known = before != shown_limits_.end() && before->second == *said.limit;
    if (one.per != shown_per || one.requests <= *said.limit || known) continue;
    parts_.watcher.note(severity::warning, "limit_lower",
                        "the API allows " + std::to_string(*said.limit) +
                            " requests a minute, fewer than we took for granted: kept from now on",
                        {});
  }
  shown_limits_[kind] = *said.limit;
  const yielding made =
      yield_for({*said.limit, *said.remaining, taken, api_.sessions}, api_.reserve, shown_per);
  if (made.single_file && !yields_) {
    parts_.watcher.note(severity::info, "quota_shared",
                        "somebody else behind this address spends the quota: waiting for our share",
                        {{"remaining", std::to_string(*said.remaining)}});
  }
  yields_ = made.single_file;
  return made;
}

asio::awaitable<unless_stopped<reply>> caller::read(request what) {
  std::unique_ptr<exchange> line = co_await parts_.pool.borrow();
  std::exception_ptr failed;
  std::optional<unless_stopped<reply>> made;
  try {
    made = co_await read_on(*line, std::move(what));
  } catch (...) {
    failed = std::current_exception();
  }
  parts_.pool.give_back(std::move(line));
  if (failed) std::rethrow_exception(failed);
  co_return std::move(*made);
}

asio::awaitable<unless_stopped<reply>> caller::read_on(exchange& line, request what) {
  const instant began = parts_.time.now();
  while (true) {
    if (parts_.closing.closed()) co_return drained_stop();
    attempt one = co_await try_once(line, what);
    if (one.stopped) co_return std::move(*one.stopped);
    if (one.answer) co_return std::move(*one.answer);
    if (one.repeats) ++parts_.counts.retried;
    const instant now = parts_.time.now();
    if (one.repeats && now - began >= api_.retry.give_up) {
      co_return nobody_answers(one.connected);
    }
    co_await parts_.closing.pause_until(now + one.pause);
  }
}

asio::awaitable<caller::attempt> caller::try_once(exchange& line, request what) {
  attempt none;
  if (const instant now = parts_.time.now(); now < yields_until_) {
    none.pause = yields_until_ - now;
    none.repeats = false;
    co_return none;
  }
  unless_stopped<std::string> token = co_await parts_.token.get();
  if (!token) {
    none.stopped = token.error();
    co_return none;
  }
  lease_request wanted;
  wanted.kind = request_class::get;
  wanted.limits = limits(request_class::get);
  delivery_op asked = std::move(wanted);
  const op_result granted = co_await parts_.queue.submit(std::move(asked));
  const lease slot = std::get<lease>(granted);
  if (!slot.slot) {
    const instant now = parts_.time.now();
    none.pause = slot.not_before ? std::max(*slot.not_before - now, nanoseconds(0))
                                 : nanoseconds(ask_again_after);
    none.repeats = false;
    co_return none;
  }
  attempt made = co_await exchange_once(line, std::move(what), *token, slot);
  co_return made;
}

asio::awaitable<caller::attempt> caller::exchange_once(exchange& line, request what,
                                                       std::string token, lease slot) {
  attempt made;
  what.authorization = "Bearer " + token;
  ++parts_.counts.get;
  const instant sent = parts_.time.now();
  const auto answer = co_await line.send(std::move(what), api_.request_timeout);
  if (answer) {
    delivery_op release = release_slot{*slot.slot, answer->received};
    co_await parts_.queue.submit(std::move(release));
    const verdict said = read_verdict(*answer, {});
    const yielding to_others = heed(request_class::get, said, slot.taken);
    yields_until_ = std::max(yields_until_, parts_.time.now() + to_others.pause);
    made = weigh(said, *answer, token);
    if (made.answer) made.answer->sent = sent;
    co_return made;
  }
  const no_reply& failed = answer.error();
  const bool unsent =
      failed.why == no_reply::cause::unsent || failed.why == no_reply::cause::refused_tls;
  delivery_op ended = unsent
                          ? delivery_op(cancel_lease{*slot.slot, "", ""})
                          : delivery_op(release_slot{*slot.slot, failed.ended + still_travelling});
  co_await parts_.queue.submit(std::move(ended));
  if (unsent) --parts_.counts.get;
  if (failed.why == no_reply::cause::refused_tls) {
    made.stopped = stop{stop_cause::unreachable, "TLS_REFUSED", failed.message};
    co_return made;
  }
  parts_.watcher.note(severity::warning, "read_failed", failed.message, {});
  made.connected = !unsent;
  made.pause = doubling(api_.retry.base, ++failed_in_a_row_, api_.retry.cap);
  co_return made;
}

caller::attempt caller::weigh(const verdict& said, const reply& answer, const std::string& token) {
  attempt made;
  if (said.kind != verdict_kind::throttled) throttled_in_a_row_ = 0;
  switch (said.kind) {
    case verdict_kind::confirmed:
      failed_in_a_row_ = 0;
      parts_.token.accept(token);
      made.answer = answer;
      return made;
    case verdict_kind::throttled:
      ++parts_.counts.throttled;
      made.repeats = false;
      // Several answers of one moment are one refusal.
      if (parts_.time.now() >= throttled_until_) ++throttled_in_a_row_;
      made.pause = doubling(seconds(1), throttled_in_a_row_, seconds(60));
      throttled_until_ = parts_.time.now() + made.pause;
      return made;
    case verdict_kind::stale_token:
      if (!parts_.token.refuse(token)) made.stopped = token_not_accepted();
      return made;
    case verdict_kind::forbidden:
      made.stopped = forbidden_by(said);
      return made;
    case verdict_kind::refused:
    case verdict_kind::gone:
    case verdict_kind::misused:
    case verdict_kind::refused_tls:
      made.stopped = misused_by(said);
      return made;
    case verdict_kind::conflict:
    case verdict_kind::locked:
    case verdict_kind::unanswered:
    case verdict_kind::unsent:
      made.pause = doubling(api_.retry.base, ++failed_in_a_row_, api_.retry.cap);
      return made;
  }
  return made;
}

}  // namespace patchbay
