#include "store_queue.hpp"

#include <algorithm>
#include <utility>

namespace patchbay {

namespace asio = boost::asio;

namespace {
constexpr std::size_t largest_group = 256;
}  // namespace

asio::awaitable<op_result> store_queue::submit(delivery_op op) {
  auto mine = std::make_shared<waiter>();
  mine->op = std::move(op);
  mine->bell = time_.make_alarm();
  queue_.push_back(mine);
  while (!mine->done) {
    if (committing_) {
      co_await mine->bell->wait(instant::max());
    } else {
      co_await commit_group();
    }
  }
  if (mine->failed) std::rethrow_exception(mine->failed);
  co_return std::move(mine->made);
}

asio::awaitable<void> store_queue::commit_group() {
  committing_ = true;
  std::vector<std::shared_ptr<waiter>> group;
  std::vector<delivery_op> ops;
  while (!queue_.empty() && group.size() < largest_group) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
    ops.push_back(std::move(group.back()->op));
  }
  const instant now = time_.now();
  std::vector<op_result> made;
  std::exception_ptr failed;
  auto work = [this, &ops, now] { return store_.commit(ops, now); };
  try {
    made = co_await lane_.run(work);
  } catch (...) {
    failed = std::current_exception();
  }
  committing_ = false;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!failed) group[i]->made = std::move(made[i]);
    group[i]->failed = failed;
    group[i]->done = true;
    group[i]->bell->ring();
  }
  // One of those who came meanwhile commits the next group.
  if (!queue_.empty()) queue_.front()->bell->ring();
}

}  // namespace patchbay
