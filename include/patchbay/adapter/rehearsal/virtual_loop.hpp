// A loop on virtual time: polls while there is something to do, and lets time pass when there is
// not. Who is left waiting when the work throws is destroyed by abandon(), while everything he
// works with still lives: an owner says so first in his destructor. One thread.
#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "patchbay/adapter/rehearsal/virtual_clock.hpp"

namespace patchbay::sim {

class virtual_loop {
 public:
  explicit virtual_loop(virtual_clock& time);
  ~virtual_loop();
  virtual_loop(const virtual_loop&) = delete;
  virtual_loop& operator=(const virtual_loop&) = delete;

  [[nodiscard]] boost::asio::io_context::executor_type executor() { return loop_->get_executor(); }
  /// Until `work` has ended; what it throws is thrown here. std::logic_error: everybody waits, for
  /// ever.
  void play(boost::asio::awaitable<void> work);
  /// Nothing is played any more: whoever has not ended is destroyed where he stands.
  void abandon();

 private:
  virtual_clock& time_;
  std::unique_ptr<boost::asio::io_context> loop_;
};

}  // namespace patchbay::sim
