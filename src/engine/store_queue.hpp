// The group commit: operations that coroutines submit while a commit is under way go into the next
// one together, so that the disk is asked once for many. The first waiter commits for all of its
// group; no coroutine runs that nobody joins. Private to engine/; loop thread.
#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/port/clock.hpp"
#include "patchbay/port/delivery_store.hpp"
#include "patchbay/port/lane.hpp"

namespace patchbay {

class store_queue {
 public:
  store_queue(delivery_store& store, lane& where, clock& time)
      : store_(store), lane_(where), time_(time) {}

  /// Durable on return. A store_error is rethrown to every waiter of the group.
  [[nodiscard]] boost::asio::awaitable<op_result> submit(delivery_op op);

 private:
  struct waiter {
    delivery_op op;
    op_result made;
    std::exception_ptr failed;
    bool done = false;
    std::unique_ptr<alarm> bell;
  };

  [[nodiscard]] boost::asio::awaitable<void> commit_group();

  delivery_store& store_;
  lane& lane_;
  clock& time_;
  std::deque<std::shared_ptr<waiter>> queue_;
  bool committing_ = false;
};

}  // namespace patchbay
