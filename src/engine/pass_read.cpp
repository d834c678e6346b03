// A pass's reading: metadata just before its PATCH, and proofs after unanswered attempts.
#include <utility>

#include "delivery_pass.hpp"
#include "patchbay/protocol/replies.hpp"
#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;

/// nullopt: nothing was read, and the tickets are back in the queue.
asio::awaitable<std::optional<delivery_pass::shown>> delivery_pass::read_customers_of(
    std::vector<ticket> which) {
  std::vector<std::string> ids;
  for (const ticket one : which) ids.push_back(hand_.at(one).levels.id);
  const mapping_spec& mapping = hand_.at(which.front()).job->mapping;
  request asked = customers_by(base_path_, match_by::id, ids, 1, mapping.fields);
  share& mine = share_of(hand_.at(which.front()));
  read_attempt made = co_await parts_.reads.try_once(std::move(asked), mine.asked.payer);
  if (made.answer) {
    result<customer_page> page = read_customers(made.answer->body, mapping.fields);
    if (page) {
      shown found;
      found.asked_at = made.answer->sent;
      for (remote_customer& one : page->customers) {
        std::string id = one.id;
        found.customers.insert_or_assign(std::move(id), std::move(one));
      }
      co_return found;
    }
    made.stopped = stop{stop_cause::temporary, page.error().code, page.error().message};
  }
  if (made.stopped) end(std::move(*made.stopped));
  dispatch_.not_read(which, parts_.given.time.now());
  tell_progress(mine);
  co_return std::nullopt;
}

asio::awaitable<void> delivery_pass::read_metadata_of(std::vector<ticket> which) {
  std::vector<ticket> copy = which;
  std::optional<shown> found = co_await read_customers_of(std::move(copy));
  if (!found) co_return;
  std::vector<ticket> read;
  for (const ticket one : which) {
    customer_in_hand& customer = hand_.at(one);
    const auto here = found->customers.find(customer.levels.id);
    if (here == found->customers.end()) {
      co_await forget(one);
      continue;
    }
    if (here->second.metadata.empty()) {
      // Merging onto nothing would erase what other systems keep there.
      end({stop_cause::temporary, "METADATA_NOT_SHOWN",
           "the API's answer shows no metadata: nothing can be merged safely, so nothing is sent"});
      co_await go_on(one, instant(0));
      continue;
    }
    customer.metadata = std::move(here->second.metadata);
    customer.metadata_read = found->asked_at;
    read.push_back(one);
  }
  dispatch_.on_read(read, found->asked_at, parts_.given.time.now());
  if (dispatch_.reads_too_slow()) end(reads_too_slow());
}

asio::awaitable<void> delivery_pass::read_back_of(std::vector<ticket> which) {
  std::vector<ticket> copy = which;
  std::optional<shown> found = co_await read_customers_of(std::move(copy));
  if (!found) co_return;
  for (const ticket one : which) {
    const customer_in_hand& customer = hand_.at(one);
    const auto here = found->customers.find(customer.levels.id);
    if (here == found->customers.end()) {
      co_await forget(one);
      continue;
    }
    prove proof;
    proof.job = customer.levels.job;
    proof.key = customer.levels.key;
    proof.acknowledged = differing_fields(customer.levels, here->second, customer.job->mapping,
                                          parts_.given.sealing);
    proof.unseen = unseen_doubts(customer.levels, customer.job->mapping);
    proof.at = parts_.given.time.wall();
    if (!proof.acknowledged.empty()) {
      parts_.given.watcher.note(severity::warning, "applied_late",
                                "the API holds another value than it confirmed: it is sent again",
                                {{"job", proof.job}, {"customer", proof.key}});
    }
    delivery_op op = std::move(proof);
    const bool settled = co_await commit(std::move(op));
    co_await after_settle(one, settled);
  }
}

/// The API no longer shows it: as after a 404.
asio::awaitable<void> delivery_pass::forget(ticket which) {
  const customer_in_hand& one = hand_.at(which);
  attempt none;
  none.which = which;
  none.drop = one.levels.wanted ? one.levels.wanted->drop : 0;
  none.ended = parts_.given.time.now();
  settle ended = settle_of(none, settle_kind::gone, "");
  ended.dead.push_back(letter_of(one.levels, "RECORD_NOT_FOUND",
                                 "the API no longer has the customer " + one.levels.id,
                                 frame_of(one)));
  delivery_op op = std::move(ended);
  co_await commit(std::move(op));
  ++share_of(one).did.rejected;
  co_await go_on(which, instant(0));
}

}  // namespace patchbay
