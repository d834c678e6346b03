// What all exchanges with one origin share: options, clock and the TLS context with its trust
// roots. Made by the factory, held by every exchange, never changed after.
#pragma once

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "patchbay/adapter/https/https_factory.hpp"

namespace patchbay {

struct https_terms {
  https_terms(boost::asio::io_context& on, clock& at, https_options asked, origin to)
      : loop(on), time(at), options(std::move(asked)), where(std::move(to)) {}

  boost::asio::io_context& loop;
  clock& time;
  https_options options;
  origin where;
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
};

}  // namespace patchbay
