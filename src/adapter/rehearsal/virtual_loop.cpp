#include "patchbay/adapter/rehearsal/virtual_loop.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>

namespace patchbay::sim {

namespace asio = boost::asio;

virtual_loop::virtual_loop(virtual_clock& time)
    : time_(time), loop_(std::make_unique<asio::io_context>(1)) {}

virtual_loop::~virtual_loop() {
  abandon();
}

void virtual_loop::play(asio::awaitable<void> work) {
  std::exception_ptr failed;
  bool ended = false;
  asio::co_spawn(*loop_, std::move(work), [&failed, &ended](std::exception_ptr thrown) {
    failed = thrown;
    ended = true;
  });
  const auto busy = asio::make_work_guard(*loop_);
  while (!ended) {
    if (loop_->poll_one() == 0 && !time_.advance()) {
      throw std::logic_error("virtual time: everybody waits, for ever");
    }
  }
  if (failed) std::rethrow_exception(failed);
}

/// First those who wait, then those who are about to go on.
void virtual_loop::abandon() {
  if (!loop_) return;
  time_.abandon_waiters();
  loop_.reset();
}

}  // namespace patchbay::sim
