// The group commit: operations that coroutines submit while a commit is under way go into the next
// one together, so that the disk is asked once for many. What a group has settled enters the sets
// of known lines behind its commit, on the same visit to the store's lane. The first waiter commits
// for all of its group; no coroutine runs that nobody joins. Private to engine/; loop thread.
#pragma once

#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/fingerprint.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/delivery_store.hpp"
#include "patchbay/port/lane.hpp"
#include "patchbay/port/line_set.hpp"
#include "patchbay/port/observer.hpp"

namespace patchbay {

class store_queue {
 public:
  struct parts {
    delivery_store& store;
    lane& where;
    clock& time;
    observer& watcher;
    const std::map<std::string, line_set*>& lines;  ///< by job
    fingerprinter prints;
  };
  explicit store_queue(parts given) : parts_(std::move(given)) {}

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
  /// What kept lines from entering their sets, by job; on the store's lane.
  [[nodiscard]] std::map<std::string, fault> keep_lines(std::span<const delivery_op> ops,
                                                        std::span<const op_result> made);

  parts parts_;
  std::deque<std::shared_ptr<waiter>> queue_;
  bool committing_ = false;
  std::exception_ptr broken_;  ///< the first failure: nothing is written after it
};

}  // namespace patchbay
