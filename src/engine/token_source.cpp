#include "token_source.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "patchbay/policy/windows.hpp"
#include "patchbay/protocol/requests.hpp"
#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

constexpr std::chrono::minutes refresh_before_end{10};
constexpr seconds longest_pause{30};

stop stop_of(const no_reply& failed) {
  const bool tls = failed.why == no_reply::cause::refused_tls;
  return {stop_cause::unreachable, tls ? "TLS_REFUSED" : "TOKEN_UNREACHABLE", failed.message};
}

}  // namespace

token_source::token_source(parts given, const api_spec& api)
    : parts_(std::move(given)),
      api_(api),
      target_(path_of_url(api.token_url)),
      turn_(parts_.time) {}

bool token_source::fresh() const {
  if (!token_) return false;
  const auto life = std::chrono::duration_cast<nanoseconds>(seconds(token_->expires_in_s));
  const nanoseconds margin = std::min<nanoseconds>(refresh_before_end, life / 5);
  return parts_.time.now() < fetched_at_ + life - margin;
}

bool token_source::refuse(const std::string& token) {
  if (!token_ || token_->token != token) return true;
  const bool at_once = !proven_;
  token_.reset();
  const bool again = std::exchange(refused_at_once_, at_once);
  return !(at_once && again);
}

void token_source::accept(const std::string& token) {
  if (!token_ || token_->token != token) return;
  proven_ = true;
  refused_at_once_ = false;
}

access_token token_source::about() const {
  access_token said = token_.value_or(access_token());
  said.token.clear();
  return said;
}

asio::awaitable<unless_stopped<std::string>> token_source::get(request_counts& spent) {
  if (fresh()) co_return token_->token;
  co_await turn_.take();
  std::optional<stop> stopped;
  std::exception_ptr failed;
  try {
    if (!fresh()) stopped = co_await fetch(spent);
  } catch (...) {
    failed = std::current_exception();
  }
  turn_.give();
  if (failed) std::rethrow_exception(failed);
  if (stopped) co_return *stopped;
  co_return token_->token;
}

/// Since when nobody has got one: those who wait for it at the same time have one patience. Who
/// asks after a rest has one of his own.
void token_source::begin_patience() {
  const instant now = parts_.time.now();
  if (!refused_ || now - refused_->at >= 2 * longest_pause) refused_.reset();
  if (!refused_) began_ = now;
}

/// Tries until there is a token, the client is refused, or give_up has passed.
asio::awaitable<std::optional<stop>> token_source::fetch(request_counts& spent) {
  begin_patience();
  if (refused_ && parts_.time.now() - began_ >= api_.retry.give_up) co_return refused_->why;
  while (true) {
    // An endpoint that failed an earlier caller is asked no sooner by this one.
    co_await parts_.closing.pause_until(not_before_);
    if (parts_.closing.closed()) co_return parts_.closing.why();
    const result<std::string> secret = parts_.read_secret();
    if (!secret) co_return stop{stop_cause::secret, secret.error().code, secret.error().message};
    unless_stopped<access_token> made = co_await ask_once(*secret, spent);
    if (made) {
      const bool same = token_ && token_->token == made->token;
      token_ = std::move(*made);
      fetched_at_ = parts_.time.now();
      proven_ = proven_ && same;
      pause_ = first_pause;
      not_before_ = instant(0);
      refused_.reset();
      co_return std::nullopt;
    }
    const stop& why = made.error();
    not_before_ = parts_.time.now() + pause_;
    pause_ = std::min<nanoseconds>(pause_ * 2, longest_pause);
    const bool final = why.why == stop_cause::forbidden || why.code == "TLS_REFUSED";
    refused_ = refusal{why, parts_.time.now()};
    if (final || parts_.time.now() - began_ >= api_.retry.give_up) co_return why;
    parts_.watcher.note(severity::warning, "token_delayed", why.message, {});
  }
}

asio::awaitable<unless_stopped<access_token>> token_source::ask_once(std::string secret,
                                                                     request_counts& spent) {
  lease_request wanted;
  wanted.kind = request_class::token;
  wanted.limits = api_limits(request_class::token, true);
  delivery_op asked = std::move(wanted);
  const op_result granted = co_await parts_.queue.submit(std::move(asked));
  const lease slot = std::get<lease>(granted);
  if (!slot.slot) {
    co_return stop{stop_cause::temporary, "TOKEN_LIMIT",
                   "30 token requests in a minute: waiting for the next"};
  }
  const std::unique_ptr<exchange> line = parts_.auth.open();
  request what = token_request(target_, api_.client_id, secret);
  ++spent.token;
  const auto answer = co_await line->send(std::move(what), api_.request_timeout);
  const nanoseconds cut_off = answer ? nanoseconds(0) : nanoseconds(still_travelling);
  delivery_op release = release_slot{*slot.slot, parts_.time.now() + cut_off};
  co_await parts_.queue.submit(std::move(release));
  if (!answer) co_return stop_of(answer.error());
  result<access_token> token = read_token(*answer);
  if (token) co_return std::move(*token);
  const bool refused = token.error().code == "TOKEN_REFUSED";
  co_return stop{refused ? stop_cause::forbidden : stop_cause::temporary, token.error().code,
                 token.error().message};
}

}  // namespace patchbay
