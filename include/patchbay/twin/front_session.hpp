// One connection to the twin: reads requests, puts them to the rules, and does with the answer
// what `served` says. Runs on the server's own thread.
#pragma once

#include <fstream>
#include <mutex>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "patchbay/twin/rules.hpp"

namespace patchbay::twin {

/// How the front awaits: what went wrong is a value beside the result, never thrown.
inline constexpr auto as_values = boost::asio::as_tuple(boost::asio::use_awaitable);

/// The rules and what every connection shares with them. Outlives the connections.
struct front_core {
  front_core(rules_options settings, roster customers)
      : machine(std::move(settings), std::move(customers)) {}

  std::mutex lock;  ///< over everything below: tests look in from other threads
  rules machine;
  std::ofstream log;
  nanoseconds latency_min{0};
  nanoseconds latency_max{0};
  dice chance{1};

  /// Puts the request to the rules, now, and writes the log.
  [[nodiscard]] served serve(const request& what);
  /// One round trip's latency, cut in two at random: before the arrival and after the answer.
  struct travel {
    nanoseconds there{0};
    nanoseconds back{0};
  };
  [[nodiscard]] travel next_travel();
};

/// Until the peer closes, or a fault does.
boost::asio::awaitable<void> tls_session(boost::asio::ip::tcp::socket socket,
                                         boost::asio::ssl::context& context, front_core& core);
boost::asio::awaitable<void> plain_session(boost::asio::ip::tcp::socket socket, front_core& core);

}  // namespace patchbay::twin
