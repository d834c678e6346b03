#include "caller.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <variant>

#include "moment_text.hpp"
#include "patchbay/policy/retry.hpp"
#include "patchbay/protocol/replies.hpp"
#include "reply_words.hpp"
#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

/// While every slot is in flight, somebody's reply opens one; others may be the somebody.
constexpr milliseconds ask_again_after{20};
constexpr int least_a_session = 2;
constexpr int most_a_session = 32;

const char* name_of(request_class what) {
  return what == request_class::patch ? "PATCH" : "GET";
}

std::string in_seconds(nanoseconds span) {
  return std::to_string(std::chrono::ceil<seconds>(span).count()) + " s";
}

}  // namespace

void borrowed_session::give_back() {
  if (line_) pool_->take_back(std::move(line_));
}

asio::awaitable<borrowed_session> session_pool::borrow() {
  if (idle_.empty() && made_ >= most_) {
    auto mine = std::make_shared<borrower>();
    mine->bell = time_.make_alarm();
    waiting_.push_back(mine);
    while (!mine->line) co_await mine->bell->wait(instant::max());
    co_return borrowed_session(*this, std::move(mine->line));
  }
  if (idle_.empty()) {
    ++made_;
    co_return borrowed_session(*this, api_.open());
  }
  std::unique_ptr<exchange> line = std::move(idle_.back());
  idle_.pop_back();
  co_return borrowed_session(*this, std::move(line));
}

void session_pool::take_back(std::unique_ptr<exchange> line) {
  if (waiting_.empty()) {
    idle_.push_back(std::move(line));
    return;
  }
  const std::shared_ptr<borrower> next = std::move(waiting_.front());
  waiting_.pop_front();
  next->line = std::move(line);
  next->bell->ring();
}

window_limits caller::limits(request_class kind) const {
  std::optional<int> shown;
  if (const auto found = shown_limits_.find(kind); found != shown_limits_.end()) {
    shown = found->second;
  }
  return windows_for(api_, kind, parts_.token.test_mode(), shown);
}

/// Two a session: while one is sent, another is leased or settled, in one commit with others. Where
/// the windows are so wide that sessions would wait for the disk, as many as leave during a commit.
int caller::most_at_work() const {
  constexpr double commit_s = 0.02;
  const double leave_meanwhile = patches_per_second() * commit_s / api_.sessions;
  const double per_session = std::min<double>(most_a_session, leave_meanwhile);
  return api_.sessions * std::max(least_a_session, static_cast<int>(per_session));
}

double caller::patches_per_second() const {
  double rate = std::numeric_limits<double>::infinity();
  for (const window_limit& limit : limits(request_class::patch)) {
    rate = std::min(rate, limit.requests / std::chrono::duration<double>(limit.per).count());
  }
  return rate;
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
  const quota_shown seen{.limit = *said.limit,
                         .remaining = *said.remaining,
                         .taken = taken,
                         .in_flight = most_at_work()};
  const yielding made = yield_for(seen, api_.reserve, shown_per);
  bool& shared = shared_[kind];
  if (made.single_file && !shared) {
    parts_.watcher.note(
        severity::info, "quota_shared",
        "somebody else behind this address spends the quota: waiting for our share",
        {{"method", name_of(kind)}, {"remaining", std::to_string(*said.remaining)}});
  }
  shared = made.single_file;
  return made;
}

asio::awaitable<unless_stopped<reply>> caller::read(request what, account& payer) {
  const gate& reads = parts_.target.get;
  bool failed = false;
  while (true) {
    if (parts_.closing.closed()) {
      if (failed) --payer.spent.retried;  // it is not repeated after all
      co_return parts_.closing.why();
    }
    const instant now = parts_.time.now();
    const instant opens = reads.opens(now).value_or(now + ask_again_after);
    if (opens > now) {
      co_await parts_.closing.pause_until(std::min(opens, read_patience_ends()));
    } else {
      read_attempt one = co_await try_once(what, payer);
      if (one.stopped) co_return std::move(*one.stopped);
      if (one.answer) co_return std::move(*one.answer);
      failed = failed || one.failed;
      co_await parts_.closing.pause_until(parts_.time.now() + pause_after_failures());
    }
    if (parts_.time.now() >= read_patience_ends()) {
      if (failed) --payer.spent.retried;
      co_return reads.refused_since() ? quota_is_spent()
                                      : nobody_answers(reads.circuit().connected());
    }
  }
}

asio::awaitable<read_attempt> caller::try_once(request what, account& payer) {
  borrowed_session session = co_await parts_.pool.borrow();
  const instant now = parts_.time.now();
  const bool closed_meanwhile = parts_.target.get.opens(now).value_or(instant::max()) > now;
  if (closed_meanwhile || parts_.closing.closed()) co_return read_attempt();
  read_attempt made = co_await try_on(session.line(), std::move(what), payer);
  co_return made;
}

nanoseconds caller::pause_after_failures() {
  const int failures = parts_.target.get.circuit().failures();
  if (failures == 0) return nanoseconds(0);
  return back_off(failures, api_.retry, std::uniform_real_distribution<double>(0, 1)(random_));
}

asio::awaitable<read_attempt> caller::try_on(exchange& line, request what, account& payer) {
  read_attempt none;
  unless_stopped<std::string> token = co_await parts_.token.get(payer.spent);
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
    parts_.target.get.denied(slot.not_before, parts_.time.now());
    co_return none;
  }
  parts_.target.get.left();
  if (parts_.target.get.shut(parts_.time.now())) {
    // A 429, or a silence, came while it waited for its slot.
    parts_.target.get.landed();
    delivery_op back = cancel_lease{*slot.slot, "", ""};
    co_await parts_.queue.submit(std::move(back));
    co_return none;
  }
  permit given{std::move(*token), slot};
  read_attempt made = co_await exchange_once(line, std::move(what), std::move(given), payer);
  parts_.target.get.landed();
  tell_circuit(request_class::get);
  co_return made;
}

asio::awaitable<read_attempt> caller::exchange_once(exchange& line, request what, permit given,
                                                    account& payer) {
  const slot_number slot = *given.slot.slot;
  what.authorization = "Bearer " + given.token;
  ++payer.spent.get;
  const instant sent = parts_.time.now();
  auto answer = co_await line.send(std::move(what), api_.request_timeout);
  if (answer) {
    delivery_op release = release_slot{slot, answer->received};
    co_await parts_.queue.submit(std::move(release));
    const verdict said = read_verdict(*answer, {});
    const yielding to_others = heed(request_class::get, said, given.slot.taken);
    parts_.target.get.quota(to_others, parts_.time.now());
    answer->sent = sent;
    read_attempt made = weigh(said, *answer, given.token, payer);
    co_return made;
  }
  const no_reply& failed = answer.error();
  const bool unsent =
      failed.why == no_reply::cause::unsent || failed.why == no_reply::cause::refused_tls;
  delivery_op ended = unsent ? delivery_op(cancel_lease{slot, "", ""})
                             : delivery_op(release_slot{slot, failed.ended + still_travelling});
  co_await parts_.queue.submit(std::move(ended));
  read_attempt made;
  if (unsent) --payer.spent.get;
  if (failed.why == no_reply::cause::refused_tls) {
    made.stopped = stop{stop_cause::unreachable, "TLS_REFUSED", failed.message};
    co_return made;
  }
  made.failed = !unsent;
  if (made.failed) ++payer.spent.retried;
  verdict said;
  said.message = failed.message;
  tell_read(severity::warning, said, payer);
  parts_.target.get.failed(parts_.time.now(), !unsent);
  co_return made;
}

read_attempt caller::weigh(const verdict& said, reply answer, const std::string& token,
                           account& payer) {
  read_attempt made;
  gate& reads = parts_.target.get;
  const instant now = parts_.time.now();
  switch (said.kind) {
    case verdict_kind::confirmed:
      reads.answered(answer.sent);
      parts_.token.accept(token);
      tell_read(severity::debug, said, payer);
      made.answer = std::move(answer);
      return made;
    case verdict_kind::throttled:
      ++payer.spent.throttled;
      tell_read(severity::warning, said, payer);
      reads.throttled(said.retry_after, now);
      return made;
    case verdict_kind::stale_token:
      ++payer.spent.retried;
      made.failed = true;
      reads.answered(answer.sent);
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
      ++payer.spent.retried;
      made.failed = true;
      tell_read(severity::warning, said, payer);
      reads.failed(now, true);
      return made;
  }
  return made;
}

void caller::tell_read(severity how, const verdict& said, const account& payer) {
  log_fields fields;
  if (!payer.run.empty()) fields.emplace_back("run", payer.run);
  if (said.status != 0) fields.emplace_back("status", std::to_string(said.status));
  if (!said.request_id.empty()) fields.emplace_back("request_id", said.request_id);
  if (!said.trace_id.empty()) fields.emplace_back("trace_id", said.trace_id);
  if (said.remaining) fields.emplace_back("remaining", std::to_string(*said.remaining));
  if (!said.refusals.empty()) fields.emplace_back("detail", said.message);
  const bool good = said.kind == verdict_kind::confirmed;
  parts_.watcher.note(how, good ? "read" : "read_failed", words_of("GET", said), fields);
}

void caller::tell_circuit(request_class what) {
  const breaker& circuit = parts_.target.of(what).circuit();
  const instant now = parts_.time.now();
  const auto told = told_probe_.find(what);
  if (!circuit.open()) {
    if (told == told_probe_.end()) return;
    parts_.watcher.note(severity::info, "breaker_closed",
                        std::string("the API answers ") + name_of(what) + " again, after " +
                            in_seconds(now - silent_since_[what]) + ": going on",
                        {{"method", name_of(what)}});
    told_probe_.erase(told);
    return;
  }
  if (told != told_probe_.end() && told->second == circuit.probe_at()) return;
  if (told == told_probe_.end()) silent_since_[what] = now - circuit.silent_for(now);
  told_probe_[what] = circuit.probe_at();
  const nanoseconds pause = circuit.probe_at() - now;
  const wall_time wall = parts_.time.wall();
  const auto at = wall + std::chrono::duration_cast<milliseconds>(pause);
  const auto since = wall - std::chrono::duration_cast<milliseconds>(circuit.silent_for(now));
  const std::string next_try = moment_text(std::chrono::floor<milliseconds>(at));
  parts_.watcher.note(
      severity::warning, "breaker_open",
      std::string("the API does not answer ") + name_of(what) + ", for " +
          in_seconds(circuit.silent_for(now)) + " now: waiting, the next try at " + next_try +
          " (in " + in_seconds(pause) + ")",
      {{"method", name_of(what)}, {"since", moment_text(since)}, {"next_try", next_try}});
}

instant caller::patience_ends(const breaker& circuit) const {
  const instant now = parts_.time.now();
  const nanoseconds silent = circuit.silent_for(now);
  if (!gives_up_ || silent == nanoseconds(0)) return instant::max();
  return now - silent + api_.retry.give_up;
}

/// A change is owed and waits however long it is refused by 429s; who reads can ask again later.
instant caller::read_patience_ends() const {
  const gate& reads = parts_.target.get;
  const instant answered = patience_ends(reads.circuit());
  if (!gives_up_ || !reads.refused_since()) return answered;
  return std::min(answered, *reads.refused_since() + api_.retry.give_up);
}

instant caller::patience_ends() const {
  return std::min(patience_ends(parts_.target.patch.circuit()),
                  patience_ends(parts_.target.get.circuit()));
}

std::optional<stop> caller::out_of_patience() const {
  const instant now = parts_.time.now();
  for (const gate* one : {&parts_.target.patch, &parts_.target.get}) {
    if (now >= patience_ends(one->circuit())) return nobody_answers(one->circuit().connected());
  }
  return std::nullopt;
}

}  // namespace patchbay
