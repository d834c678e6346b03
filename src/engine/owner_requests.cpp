#include "patchbay/engine/owner_requests.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "moment_text.hpp"
#include "patchbay/engine/closing.hpp"
#include "patchbay/policy/drop_order.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

/// By the name under which it lies in held/, which is the one that status shows; what failed lies
/// in failed/ and can only be put away, like what was approved, or claimed, and is not admitted
/// yet.
std::optional<drop_record> drop_to_decide(intake_store& store, const owner_request& asked) {
  std::optional<drop_record> found;
  for (drop_record& drop : store.drops(asked.job)) {
    const bool approve = asked.kind == request_kind::approve;
    if (!may_be_decided(drop.state, approve) || lying_name(drop) != asked.subject) continue;
    if (drop.state == drop_state::held || !found) found = std::move(drop);
  }
  return found;
}

/// What was done, in words; nullopt: left for later.
std::optional<std::string> decide_held(intake_store& store, const owner_request& asked,
                                       const std::set<std::string>& busy, requests_done& done) {
  std::optional<drop_record> drop = drop_to_decide(store, asked);
  if (!drop) return "no drop to decide on is named " + asked.subject + ": nothing done";
  // What a pick-up has in hand it decides itself, and is asked for again when that is over.
  const bool at_rest = drop->state == drop_state::held && !waits_for_gap(*drop);
  if (busy.contains(drop->job) && !at_rest) return std::nullopt;
  done.decided.insert(drop->job);
  const bool approve = asked.kind == request_kind::approve;
  drop->state = approve ? drop_state::approved : drop_state::discarded;
  drop->decision =
      (approve ? "approved by " : "discarded by ") + asked.who + ", " + moment_text(asked.at);
  if (!approve) {
    drop->reason = drop->decision;
    // A run that was killed may have begun with it: nothing of it is to be sent any more.
    store.unstage(drop->number);
    drop->totals.held += std::exchange(drop->totals.pending, 0);
  }
  store.update_drop(*drop);
  return drop->job + ": " + lying_name(*drop) + ": " + drop->decision;
}

std::optional<std::string> carry_out(pickup_parts& parts, const owner_request& asked,
                                     const std::set<std::string>& busy, requests_done& done) {
  const wall_time now = parts.intake.time.wall();
  switch (asked.kind) {
    case request_kind::approve:
    case request_kind::discard:
      return decide_held(parts.intake.store, asked, busy, done);
    case request_kind::retry_dead:
    case request_kind::retry_all_dead: {
      done.letters = true;
      const std::string key = asked.kind == request_kind::retry_dead ? asked.subject : "";
      const std::int64_t found = parts.runs.retry_dead(key, now);
      return "dead letters made due by " + asked.who + ": " + std::to_string(found);
    }
    case request_kind::drop_dead: {
      done.letters = true;
      const std::vector<drop_record> before = parts.intake.store.drops("");
      const std::int64_t found = parts.runs.drop_dead(asked.subject, asked.who, now);
      std::ranges::move(recounted(before, parts.intake.store.drops("")),
                        std::back_inserter(done.recounted));
      return "dead letters dropped by " + asked.who + ": " + std::to_string(found);
    }
  }
  return {};
}

}  // namespace

asio::awaitable<requests_done> carry_out_requests(pickup_parts parts, std::set<std::string> busy) {
  requests_done done;
  std::vector<std::string> told;
  auto work = [&parts, &busy, &done, &told] {
    for (const owner_request& asked : parts.runs.requests()) {
      std::optional<std::string> text = carry_out(parts, asked, busy, done);
      if (!text) continue;
      told.push_back(std::move(*text));
      parts.runs.erase_request(asked.number);
    }
  };
  co_await parts.intake.store_lane.run(work);
  for (const std::string& text : told) {
    parts.intake.watcher.note(severity::info, "request_done", text, {});
  }
  co_return done;
}

}  // namespace patchbay
