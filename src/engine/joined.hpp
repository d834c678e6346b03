// Runs several coroutines side by side, and returns when all of them have ended. Private to
// engine/.
#pragma once

#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay {

/// The first exception is thrown, after all have ended.
inline boost::asio::awaitable<void> join_all(std::vector<boost::asio::awaitable<void>> all) {
  const auto executor = co_await boost::asio::this_coro::executor;
  using one =
      decltype(boost::asio::co_spawn(executor, std::move(all.front()), boost::asio::deferred));
  std::vector<one> started;
  for (boost::asio::awaitable<void>& each : all) {
    started.push_back(boost::asio::co_spawn(executor, std::move(each), boost::asio::deferred));
  }
  auto group = boost::asio::experimental::make_parallel_group(std::move(started));
  auto [order, failures] = co_await group.async_wait(boost::asio::experimental::wait_for_all(),
                                                     boost::asio::use_awaitable);
  for (const std::exception_ptr& failed : failures) {
    if (failed) std::rethrow_exception(failed);
  }
}

}  // namespace patchbay
