// Calls a function on the loop again and again, until it is closed. Owned by whoever is called;
// loop thread.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "patchbay/model/instant.hpp"

namespace patchbay {

class ticker {
 public:
  /// The first call comes after `every`.
  ticker(boost::asio::io_context& loop, nanoseconds every, std::function<void()> call);
  ~ticker();
  ticker(const ticker&) = delete;
  ticker& operator=(const ticker&) = delete;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace patchbay
