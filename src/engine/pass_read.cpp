// A pass's reading: customers whose id is gone, metadata just before its PATCH, and proofs after
// unanswered attempts.
#include <utility>

#include "delivery_pass.hpp"
#include "intake_resolve.hpp"
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
                                {{"run", share_of(customer).asked.payer.run},
                                 {"job", proof.job},
                                 {"customer", proof.key}});
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
  note_rejected(one);
  co_await go_on(which, instant(0));
}

asio::awaitable<void> delivery_pass::look_up_forgotten(share& mine) {
  constexpr std::size_t page_of_forgotten = 500;
  const std::string& job = mine.asked.job.name;
  std::string after;
  while (!parts_.closing.closed()) {
    auto ask = [this, &job, &mine, &after] {
      return parts_.given.store.forgotten(job, after, page_of_forgotten, mine.due);
    };
    std::vector<customer_levels> page = co_await parts_.given.store_lane.run(ask);
    if (page.empty()) break;
    after = page.back().key;
    co_await look_up(mine, std::move(page));
  }
}

asio::awaitable<void> delivery_pass::look_up(share& mine, std::vector<customer_levels> page) {
  const delivery_parts& given = parts_.given;
  const job_spec& job = mine.asked.job;
  intake::customer_resolver resolver(
      {&mine.asked.reads, base_path_, given.customers, given.store_lane, given.sealing}, job,
      false);
  std::vector<intake::waiting_row> rows;
  std::map<std::string, customer_levels> by_key;
  for (customer_levels& one : page) {
    intake::waiting_row waiting;
    waiting.row.key = one.key;
    waiting.levels = one;
    rows.push_back(std::move(waiting));
    std::string key = one.key;
    by_key.insert_or_assign(std::move(key), std::move(one));
  }
  auto decided = co_await resolver.find(std::move(rows));
  if (!decided) {
    end(decided.error());
    co_return;
  }
  const std::vector<learned_customer> learned = resolver.learned();
  auto learn = [&given, &job, &learned] { given.customers.learn(job.name, learned); };
  co_await given.store_lane.run(learn);
  for (const intake::resolution& one : *decided) {
    if (const auto* refused = std::get_if<intake::refused_row>(&one)) {
      co_await refuse_forgotten(mine, by_key.at(refused->row.key),
                                fault{refused->code, refused->message});
    } else if (const auto* contested = std::get_if<intake::contested_claim>(&one)) {
      co_await refuse_forgotten(mine, by_key.at(contested->key),
                                fault{contested->code, contested->message});
    }
  }
}

asio::awaitable<void> delivery_pass::refuse_forgotten(share& mine, customer_levels one, fault why) {
  const std::string& run = mine.asked.payer.run;
  customer_in_hand unsent;
  unsent.levels = std::move(one);
  unsent.job = &mine.asked.job;
  const customer_levels& levels = unsent.levels;
  settle ended;
  ended.kind = settle_kind::refused;
  ended.released_at = parts_.given.time.now();
  ended.job = levels.job;
  ended.key = levels.key;
  ended.drop = levels.wanted->drop;
  ended.run = run;
  ended.at = parts_.given.time.wall();
  ended.dead.push_back(letter_of(levels, why.code, why.message, frame_of(unsent)));
  ended.dead.back().column = mine.asked.job.mapping.key_column;
  delivery_op op = std::move(ended);
  co_await parts_.queue.submit(std::move(op));
  mine.refused.insert(levels.key);
  // The letter's own words name customers and ids.
  parts_.given.watcher.note(severity::warning, "rejected",
                            "refused before anything was sent: " + why.code,
                            {{"run", run},
                             {"job", levels.job},
                             {"customer", levels.key},
                             {"code", why.code},
                             {"detail", why.message}});
}

}  // namespace patchbay
