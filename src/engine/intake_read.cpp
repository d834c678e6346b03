#include "intake_read.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "patchbay/protocol/replies.hpp"
#include "patchbay/protocol/requests.hpp"

namespace patchbay::intake {
namespace {

namespace asio = boost::asio;

constexpr std::size_t reads_in_flight = 8;

/// What the readers of one round share: the batches not begun, and what was found.
struct reading {
  read_from from;
  match_by by = match_by::reference;
  std::vector<std::vector<std::string>> batches;
  std::size_t next = 0;
  std::vector<remote_customer> found;
  std::optional<stop> stopped;
};

stop unreadable(const fault& why) {
  return {stop_cause::temporary, why.code,
          why.message + "; nothing was changed, the drop stays for the next run"};
}

asio::awaitable<void> read_batch(reading& shared, std::vector<std::string> values) {
  int pages = 1;
  for (int page = 1; page <= pages && !shared.stopped; ++page) {
    const std::vector<field_spec>& specs = shared.from.mapping.fields;
    request asked = customers_by(shared.from.base_path, shared.by, values, page, specs);
    unless_stopped<reply> answer = co_await shared.from.api.read(std::move(asked));
    if (!answer) {
      shared.stopped = answer.error();
      co_return;
    }
    result<customer_page> read = read_customers(answer->body, specs);
    if (!read) {
      shared.stopped = unreadable(read.error());
      co_return;
    }
    pages = read->pages;
    std::move(read->customers.begin(), read->customers.end(), std::back_inserter(shared.found));
  }
}

asio::awaitable<void> read_until_done(reading& shared) {
  while (shared.next < shared.batches.size() && !shared.stopped) {
    std::vector<std::string> values = std::move(shared.batches[shared.next++]);
    co_await read_batch(shared, std::move(values));
  }
}

}  // namespace

std::vector<std::vector<std::string>> in_batches(const std::vector<std::string>& values) {
  std::vector<std::vector<std::string>> batches;
  std::vector<std::string> open;
  for (const std::string& one : values) {
    if (asks_alone(one)) {
      batches.push_back({one});
      continue;
    }
    open.push_back(one);
    if (open.size() == page_size) batches.push_back(std::exchange(open, {}));
  }
  if (!open.empty()) batches.push_back(std::move(open));
  return batches;
}

asio::awaitable<unless_stopped<std::vector<remote_customer>>> read_customers_by(
    read_from from, match_by by, std::vector<std::string> values) {
  reading shared{.from = from, .by = by, .batches = in_batches(values), .found = {}, .stopped = {}};
  const auto executor = co_await asio::this_coro::executor;
  using reader = decltype(asio::co_spawn(executor, read_until_done(shared), asio::deferred));
  std::vector<reader> readers;
  const std::size_t wanted = std::min(reads_in_flight, shared.batches.size());
  for (std::size_t n = 0; n < wanted; ++n) {
    readers.push_back(asio::co_spawn(executor, read_until_done(shared), asio::deferred));
  }
  if (!readers.empty()) {
    auto group = asio::experimental::make_parallel_group(std::move(readers));
    auto [order, failures] =
        co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const std::exception_ptr& failure : failures) {
      if (failure) std::rethrow_exception(failure);
    }
  }
  if (shared.stopped) co_return *shared.stopped;
  co_return std::move(shared.found);
}

asio::awaitable<unless_stopped<group_ids>> read_group_codes(read_from from,
                                                            std::vector<std::string> codes) {
  group_ids found;
  for (const std::vector<std::string>& batch : in_batches(codes)) {
    int pages = 1;
    for (int page = 1; page <= pages; ++page) {
      request asked = groups_by_code(from.base_path, batch, page);
      unless_stopped<reply> answer = co_await from.api.read(std::move(asked));
      if (!answer) co_return answer.error();
      const result<group_page> read = read_groups(answer->body);
      if (!read) co_return unreadable(read.error());
      pages = read->pages;
      for (const auto& [code, id] : read->groups) found.insert_or_assign(code, id);
    }
  }
  co_return found;
}

}  // namespace patchbay::intake
