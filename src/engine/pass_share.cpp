// A job's share of a pass: it comes, waits until its work is finished, and goes; the last one out
// joins the workers.
#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "delivery_pass.hpp"
#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;

namespace {

/// A read of metadata is good for two seconds; this much of it is meant for the PATCHes to leave.
constexpr double ahead_s = 1.5;

/// At least a page: where the windows let fewer leave in time, a page costs no more requests than a
/// part of it, and where they have room for a burst, it takes all along.

std::size_t metadata_ahead(const window_limits& limits, int sessions) {
  std::size_t most = page_size * static_cast<std::size_t>(sessions);
  for (const window_limit& limit : limits) {
    const double per_s = limit.requests / std::chrono::duration<double>(limit.per).count();
    most = std::min(most, static_cast<std::size_t>(std::max(1.0, per_s * ahead_s)));
  }
  return std::max(most, page_size);
}

}  // namespace

asio::awaitable<delivered> delivery_pass::take(order asked) {
  loop_ = co_await asio::this_coro::executor;
  const std::string job = asked.job.name;
  share& mine = shares_.emplace(job, share{std::move(asked)}).first->second;
  mine.bell = parts_.given.time.make_alarm();
  mine.due = parts_.given.time.wall();
  mine.began = parts_.given.time.now();
  try {
    co_await serve(mine);
  } catch (...) {
    fail(std::current_exception());
  }
  // Workers may have its customers in hand until they have ended.
  while (failed_ && looking_ > 0) co_await mine.bell->wait(instant::max());
  leave(mine);
  while (shares_.size() == 1 && started_ > 0) co_await mine.bell->wait(instant::max());
  delivered did = std::move(mine.did);
  did.rejected = static_cast<std::int64_t>(mine.refused.size());
  shares_.erase(job);
  if (failed_) std::rethrow_exception(failed_);
  co_return did;
}

asio::awaitable<void> delivery_pass::serve(share& mine) {
  const bool anything = co_await begin(mine);
  if (anything && !mine.did.made_way) {
    dispatch_.open(mine.asked.job.name, mine.asked.deadline);
    mine.open = true;
    tell_progress(mine);
    hire();
    co_await until_finished(mine);
    co_await try_taken_again(mine);
    co_await until_finished(mine);
  }
  co_await tell_circles(mine);
}

/// False when nothing is pending, or nothing can be sent.
asio::awaitable<bool> delivery_pass::begin(share& mine) {
  co_await learn(mine);
  if (mine.of == 0 || parts_.closing.closed()) co_return false;
  const unless_stopped<std::string> token = co_await parts_.token.get(mine.asked.payer.spent);
  if (!token) {
    mine.did.stopped = token.error();
    co_return false;
  }
  // Asked once more: the token may have taken its time.
  if (parts_.closing.closed()) co_return false;
  dispatch_.read_ahead(
      metadata_ahead(parts_.reads.limits(request_class::patch), parts_.config.api.sessions));
  co_await look_up_forgotten(mine);
  co_return true;
}

/// How much there is to do, and what its patches and letters speak of.
asio::awaitable<void> delivery_pass::learn(share& mine) {
  delivery_parts& given = parts_.given;
  const std::string& job = mine.asked.job.name;
  std::int64_t pending = 0;
  std::vector<drop_record> drops;
  std::vector<std::pair<std::string, std::string>> groups;
  auto ask = [&] {
    pending = given.store.count_pending(job, mine.due);
    if (pending == 0) return;
    groups = given.customers.groups();
    drops = given.customers.drops(job);
  };
  co_await given.store_lane.run(ask);
  mine.of = mine.did.applied + static_cast<std::int64_t>(mine.refused.size()) + pending;
  mine.knows = true;
  if (pending == 0) co_return;
  for (auto& [code, id] : groups) groups_.insert_or_assign(code, id);
  for (const drop_record& one : drops) files_.insert_or_assign(one.number, one.file);
}

asio::awaitable<void> delivery_pass::until_finished(share& mine) {
  const std::string& job = mine.asked.job.name;
  while (!failed_ && !dispatch_.finished(job, parts_.given.time.now())) {
    const bool late = dispatch_.deadline_passed(job, parts_.given.time.now());
    const instant until = late ? instant::max() : mine.asked.deadline.value_or(instant::max());
    co_await mine.bell->wait(until);
  }
}

/// It takes part no longer; what was left of it stays pending.
void delivery_pass::leave(share& mine) {
  const std::string& job = mine.asked.job.name;
  const bool all = mine.open && !work_is_left(mine);
  if (!mine.did.stopped && mine.of > 0 && !all) {
    if (parts_.closing.closed()) {
      mine.did.stopped = parts_.closing.why();
    } else if (!mine.did.made_way) {
      mine.did.stopped = deadline_stop();
    }
  }
  if (!std::exchange(mine.open, false)) return;
  for (const ticket one : dispatch_.close(job)) hand_.let_go(one);
}

}  // namespace patchbay
