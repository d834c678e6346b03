#include "delivery_pass.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>

#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;

namespace {

constexpr std::size_t page_of_pending = 512;

dispatch_options options_of(const delivery_pass::parts& given) {
  dispatch_options options;
  options.retry = given.config.api.retry;
  options.seed = given.given.seed;
  options.target = given.target;
  return options;
}

}  // namespace

delivery_pass::delivery_pass(parts given)
    : parts_(given),
      dispatch_(options_of(parts_)),
      base_path_(path_of_url(given.config.api.base_url)) {}

/// Not more than there are customers.
void delivery_pass::hire() {
  std::int64_t customers = 0;
  for (const auto& [job, one] : shares_) customers += one.of;
  const auto most = std::int64_t{parts_.reads.most_at_work()};
  const auto wanted = static_cast<std::size_t>(std::clamp<std::int64_t>(customers, 1, most));
  for (std::size_t missing = wanted - std::min(wanted, looking_); missing > 0; --missing) {
    ++looking_;
    ++started_;
    asio::co_spawn(*loop_, work(), [this](const std::exception_ptr& failed) {
      --started_;
      if (failed) fail(failed);
      ring_all();
    });
  }
}

asio::awaitable<void> delivery_pass::work() {
  const std::unique_ptr<alarm> bell = parts_.given.time.make_alarm();
  try {
    co_await work_on(*bell);
  } catch (...) {
    fail(std::current_exception());
  }
  bells_.erase(bell.get());
  --looking_;
}

/// The disk, or a bug: the others end, too, and the first cause is the one that is told.
void delivery_pass::fail(std::exception_ptr why) {
  if (!failed_) failed_ = std::move(why);
  dispatch_.drain();
  parts_.closing.close(drained_stop());
  ring_all();
}

asio::awaitable<void> delivery_pass::work_on(alarm& bell) {
  while (!failed_) {
    if (!parts_.closing.closed()) {
      if (auto silent = parts_.reads.out_of_patience()) end(std::move(*silent));
    }
    step next = dispatch_.next(parts_.given.time.now());
    const bool goes_on = co_await obey(std::move(next), bell);
    if (!goes_on) co_return;
  }
}

asio::awaitable<bool> delivery_pass::obey(step what, alarm& bell) {
  if (std::holds_alternative<all_done>(what)) co_return false;
  if (const auto* waiting = std::get_if<wait_for>(&what)) {
    bells_.insert(&bell);
    co_await bell.wait(wait_until(waiting->until));
    bells_.erase(&bell);
    co_return true;
  }
  if (auto* more = std::get_if<load_more>(&what)) co_await load(std::move(more->job));
  if (const auto* patch = std::get_if<send_patch>(&what)) co_await send(patch->which);
  if (auto* read = std::get_if<read_metadata>(&what)) {
    co_await read_metadata_of(std::move(read->which));
  }
  if (auto* read = std::get_if<read_back>(&what)) co_await read_back_of(std::move(read->which));
  ring_all();
  co_return true;
}

asio::awaitable<void> delivery_pass::load(std::string job) {
  share& mine = shares_.at(job);
  const int epoch = mine.epoch;
  if (!mine.knows) co_await learn(mine);
  const pending_cursor after = mine.cursor;
  auto ask = [this, &job, &mine, &after] {
    return parts_.given.store.pending(job, after, page_of_pending, mine.due);
  };
  std::vector<customer_levels> page = co_await parts_.given.store_lane.run(ask);
  if (epoch != mine.epoch) {
    // Somebody's word counts since: from the beginning.
    dispatch_.loaded(job, true);
    co_return;
  }
  const bool more = page.size() == page_of_pending;
  take_page(mine, std::move(page));
  mine.all_loaded = !more;
  dispatch_.loaded(job, more);
}

void delivery_pass::take_page(share& mine, std::vector<customer_levels> page) {
  const job_spec& job = mine.asked.job;
  for (customer_levels& one : page) {
    if (one.wanted) mine.cursor = {one.wanted->drop, one.wanted->line, one.key};
    if (hand_.holds(one.job, one.key)) continue;
    const auto left = work_left_for(one, job.mapping, due_for(mine, one));
    if (!left) continue;
    customer_in_hand taken;
    taken.levels = std::move(one);
    taken.job = &job;
    taken.epoch = mine.epoch;
    const std::string id = taken.levels.id;
    dispatch_.add(hand_.take(std::move(taken)), job.name, id, left->what, left->not_before);
  }
}

/// Not later than the moment at which the silence has lasted too long.
instant delivery_pass::wait_until(std::optional<instant> asked) const {
  const instant until = asked.value_or(instant::max());
  if (parts_.closing.closed()) return until;  // only what is in flight is waited for
  return std::min(until, parts_.reads.patience_ends());
}

/// Of all jobs: none of them could go on.
void delivery_pass::end(stop why) {
  dispatch_.drain();
  parts_.closing.close(std::move(why));
  ring_all();
}

void delivery_pass::drain() {
  dispatch_.drain();
  ring_all();
}

void delivery_pass::make_way(const std::string& job) {
  const auto found = shares_.find(job);
  if (found == shares_.end()) return;
  found->second.did.made_way = true;
  dispatch_.hold(job);
  ring_all();
}

void delivery_pass::set_deadline(const std::string& job, std::optional<instant> deadline) {
  const auto found = shares_.find(job);
  if (found == shares_.end()) return;
  // Reckoned anew from a clock that is corrected all the time, it is never the same to the last
  // bit.
  constexpr std::chrono::seconds same{1};
  std::optional<instant>& before = found->second.asked.deadline;
  const bool moved = before && deadline ? std::chrono::abs(*before - *deadline) > same
                                        : before.has_value() != deadline.has_value();
  if (!moved) return;
  before = deadline;
  if (found->second.open) dispatch_.set_deadline(job, deadline);
  ring_all();
}

void delivery_pass::nudge() {
  for (auto& [job, one] : shares_) {
    ++one.epoch;
    one.cursor = {};
    one.knows = false;
    one.all_loaded = false;
    one.due = parts_.given.time.wall();
    if (one.open) dispatch_.look_again(job);
  }
  if (!shares_.empty()) hire();
  ring_all();
}

void delivery_pass::ring_all() {
  for (alarm* const bell : bells_) bell->ring();
  for (auto& [job, one] : shares_) one.bell->ring();
}

}  // namespace patchbay
