// What all exchanges with one origin share: options, clock, the TLS context with its trust
// roots and the sessions to resume. Made by the factory, held by every exchange.
#pragma once

#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "patchbay/adapter/https/https_factory.hpp"
#include "tls_sessions.hpp"

namespace patchbay {

struct https_terms {
  https_terms(boost::asio::io_context& on, clock& at, https_options asked, origin to)
      : loop(on), time(at), options(std::move(asked)), where(std::move(to)) {}

  boost::asio::io_context& loop;
  clock& time;
  https_options options;
  origin where;
  std::optional<proxy> through;  ///< nullopt: straight there
  tls_sessions sessions;         ///< outlives the context that fills it
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
};

}  // namespace patchbay
