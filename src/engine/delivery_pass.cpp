#include "delivery_pass.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;

namespace {

constexpr std::size_t page_of_pending = 512;
/// A read of metadata is good for two seconds; this much of it is meant for the PATCHes to leave.
constexpr double ahead_s = 1.5;

std::size_t metadata_ahead(const window_limits& limits, int sessions) {
  std::size_t most = page_size * static_cast<std::size_t>(sessions);
  for (const window_limit& limit : limits) {
    const double per_s = limit.requests / std::chrono::duration<double>(limit.per).count();
    most = std::min(most, static_cast<std::size_t>(std::max(1.0, per_s * ahead_s)));
  }
  return most;
}

dispatch_options without_metadata(const delivery_pass::parts& given,
                                  const delivery_pass::order& asked) {
  dispatch_options options;
  options.retry = given.config.api.retry;
  options.seed = given.given.seed;
  options.deadline = asked.deadline;
  options.target = given.target;
  return options;
}

}  // namespace

delivery_pass::delivery_pass(parts given, order asked)
    : parts_(given),
      order_(std::move(asked)),
      begun_with_(given.counts),
      dispatch_(without_metadata(parts_, order_)),
      base_path_(path_of_url(given.config.api.base_url)),
      due_(given.given.time.wall()),
      began_(given.given.time.now()) {}

asio::awaitable<delivered> delivery_pass::run() {
  const bool anything = co_await begin();
  if (anything) {
    co_await join_workers();
    co_await try_taken_again();
  }
  if (failed_) std::rethrow_exception(failed_);
  if (anything && !did_.stopped && work_is_left()) {
    did_.stopped = parts_.closing.closed() ? drained_stop() : deadline_stop();
  }
  did_.rejected = static_cast<std::int64_t>(refused_.size());
  did_.requests = parts_.counts;
  co_return did_;
}

/// False when nothing is pending, or nothing can be sent.
asio::awaitable<bool> delivery_pass::begin() {
  delivery_parts& given = parts_.given;
  std::vector<drop_record> drops;
  auto ask = [this, &given, &drops] {
    for (const job_spec* job : order_.jobs) of_ += given.store.count_pending(job->name, due_);
    if (of_ == 0) return;
    for (auto& [code, id] : given.customers.groups()) groups_.insert_or_assign(code, id);
    drops = given.customers.drops("");
  };
  co_await given.store_lane.run(ask);
  if (of_ == 0) co_return false;
  for (const drop_record& one : drops) files_.emplace(one.number, one.file);
  if (!parts_.closing.closed()) {
    const unless_stopped<std::string> token = co_await parts_.token.get();
    if (!token) did_.stopped = token.error();
  }
  // Asked once more: the token may have taken its time.
  if (!did_.stopped && parts_.closing.closed()) did_.stopped = drained_stop();
  if (did_.stopped) co_return false;
  parts_.reads.in_run(order_.run);
  dispatch_options options = without_metadata(parts_, order_);
  options.metadata_ahead =
      metadata_ahead(parts_.reads.limits(request_class::patch), parts_.config.api.sessions);
  options.metadata_batch = std::min(page_size, options.metadata_ahead);
  dispatch_ = dispatch(std::move(options));
  co_await look_up_forgotten();
  co_return true;
}

asio::awaitable<void> delivery_pass::join_workers() {
  const auto most = static_cast<std::int64_t>(workers_a_session * parts_.config.api.sessions);
  const auto workers = static_cast<std::size_t>(std::clamp<std::int64_t>(of_, 1, most));
  const auto executor = co_await asio::this_coro::executor;
  using worker = decltype(asio::co_spawn(executor, work(0), asio::deferred));
  std::vector<worker> started;
  bells_.clear();
  for (std::size_t i = 0; i < workers; ++i) bells_.push_back(parts_.given.time.make_alarm());
  for (std::size_t i = 0; i < workers; ++i) {
    started.push_back(asio::co_spawn(executor, work(i), asio::deferred));
  }
  auto group = asio::experimental::make_parallel_group(std::move(started));
  auto [finished, failures] =
      co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const std::exception_ptr& failure : failures) {
    if (failure && !failed_) failed_ = failure;
  }
}

asio::awaitable<void> delivery_pass::work(std::size_t worker) {
  try {
    co_await work_on(worker);
  } catch (...) {
    // The disk, or a bug: the others end, too, and the first cause is the one that is told.
    if (!failed_) failed_ = std::current_exception();
    dispatch_.drain();
    parts_.closing.close();
  }
  ring_all();
}

asio::awaitable<void> delivery_pass::work_on(std::size_t worker) {
  while (!failed_) {
    if (auto silent = parts_.reads.out_of_patience()) end(std::move(*silent));
    step next = dispatch_.next(parts_.given.time.now());
    const bool goes_on = co_await obey(std::move(next), worker);
    if (!goes_on) co_return;
  }
}

asio::awaitable<bool> delivery_pass::obey(step what, std::size_t worker) {
  if (std::holds_alternative<all_done>(what)) co_return false;
  if (const auto* waiting = std::get_if<wait_for>(&what)) {
    co_await bells_[worker]->wait(wait_until(waiting->until));
    co_return true;
  }
  if (std::holds_alternative<load_more>(what)) co_await load();
  if (const auto* patch = std::get_if<send_patch>(&what)) co_await send(patch->which);
  if (auto* read = std::get_if<read_metadata>(&what)) {
    co_await read_metadata_of(std::move(read->which));
  }
  if (auto* read = std::get_if<read_back>(&what)) co_await read_back_of(std::move(read->which));
  ring_all();
  co_return true;
}

asio::awaitable<void> delivery_pass::load() {
  if (job_ >= order_.jobs.size()) {
    dispatch_.loaded(false);
    co_return;
  }
  const job_spec& job = *order_.jobs[job_];
  auto ask = [this, &job] {
    return parts_.given.store.pending(job.name, cursor_, page_of_pending, due_);
  };
  const int epoch = epoch_;
  std::vector<customer_levels> page = co_await parts_.given.store_lane.run(ask);
  if (epoch != epoch_) {
    // Somebody admitted meanwhile: from the beginning.
    dispatch_.loaded(true);
    co_return;
  }
  for (customer_levels& one : page) {
    if (one.wanted) cursor_ = {one.wanted->drop, one.wanted->line, one.key};
    if (hand_.holds(one.job, one.key)) continue;
    const auto left = work_left_for(one, job.mapping, due_for(one));
    if (!left) continue;
    customer_in_hand taken;
    taken.levels = std::move(one);
    taken.job = &job;
    taken.epoch = epoch_;
    const std::string id = taken.levels.id;
    dispatch_.add(hand_.take(std::move(taken)), job.name, id, left->what, left->not_before);
  }
  if (page.size() < page_of_pending) {
    ++job_;
    cursor_ = {};
  }
  dispatch_.loaded(job_ < order_.jobs.size());
}

/// Not later than the moment at which the silence has lasted too long.
instant delivery_pass::wait_until(std::optional<instant> asked) const {
  const instant until = asked.value_or(instant::max());
  if (did_.stopped) return until;  // only what is in flight is waited for
  return std::min(until, parts_.reads.patience_ends());
}

void delivery_pass::end(stop why) {
  if (did_.stopped) return;
  did_.stopped = std::move(why);
  dispatch_.drain();
  parts_.closing.close();
  ring_all();
}

void delivery_pass::drain() {
  dispatch_.drain();
  ring_all();
}

void delivery_pass::nudge() {
  ++epoch_;
  job_ = 0;
  cursor_ = {};
  dispatch_.look_again();
  ring_all();
}

void delivery_pass::ring_all() {
  for (const std::unique_ptr<alarm>& bell : bells_) bell->ring();
}

}  // namespace patchbay
