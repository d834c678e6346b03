#include "patchbay/engine/delivery.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "delivery_pass.hpp"
#include "stops.hpp"

namespace patchbay {

namespace asio = boost::asio;

/// What lives longer than one pass: the token, the sessions, the counts.
struct delivery::state {
  state(delivery_parts parts, const settings& wanted)
      : given(std::move(parts)),
        config(wanted),
        closing(given.time),
        queue({given.store, given.store_lane, given.time, given.watcher, given.lines,
               fingerprinter(given.customers.identity().secret)}),
        pool(given.api, static_cast<std::size_t>(wanted.api.sessions), given.time),
        token({given.auth, given.read_secret, queue, given.time, given.watcher, closing},
              wanted.api),
        reads({pool, token, queue, given.time, given.watcher, closing, *target, given.seed},
              wanted.api) {}

  job_reader& reader(const std::string& job) {
    return readers.try_emplace(job, reads).first->second;
  }

  delivery_parts given;
  const settings& config;
  closing_time closing;
  std::shared_ptr<gates> target = std::make_shared<gates>();
  store_queue queue;
  session_pool pool;
  token_source token;
  caller reads;
  std::map<std::string, job_reader> readers;
  std::set<std::string> circles_told;
  bool draining = false;
  std::unique_ptr<delivery_pass> running;  ///< of all jobs that are delivering now
};

delivery::delivery(delivery_parts parts, const settings& config)
    : state_(std::make_unique<state>(std::move(parts), config)) {}

delivery::~delivery() = default;

api_reader& delivery::reader(const std::string& job) {
  return state_->reader(job);
}

asio::awaitable<delivered> delivery::pass(std::string job, std::string run,
                                          std::optional<instant> deadline) {
  state& all = *state_;
  const auto spec = std::find_if(all.config.jobs.begin(), all.config.jobs.end(),
                                 [&job](const job_spec& one) { return one.name == job; });
  job_reader& reads = all.reader(job);
  account& payer = reads.payer();
  payer.run = std::move(run);
  if (!all.running) {
    all.running = std::make_unique<delivery_pass>(
        delivery_pass::parts{all.given, all.config, all.queue, all.pool, all.token, all.reads,
                             all.closing, all.target, all.circles_told});
  }
  std::exception_ptr failed;
  delivered did;
  try {
    did = co_await all.running->take({*spec, deadline, payer, reads});
  } catch (...) {
    failed = std::current_exception();
  }
  if (all.running->empty()) {
    all.running.reset();
    // A pass that stopped by itself closes for its own readers only.
    if (!all.draining) all.closing.reopen();
  }
  if (failed) std::rethrow_exception(failed);
  did.test_mode = test_mode();
  co_return did;
}

std::optional<bool> delivery::test_mode() const {
  const token_source& token = state_->token;
  return token.known() ? std::optional(token.test_mode()) : std::nullopt;
}

window_limits delivery::limits(request_class kind) const {
  return state_->reads.limits(kind);
}

void delivery::make_way(const std::string& job) {
  if (state_->running) state_->running->make_way(job);
}

void delivery::set_deadline(const std::string& job, std::optional<instant> deadline) {
  if (state_->running) state_->running->set_deadline(job, deadline);
}

void delivery::drain() {
  state_->draining = true;
  state_->closing.close(drained_stop());
  if (state_->running) state_->running->drain();
}

void delivery::never_give_up() {
  state_->reads.never_give_up();
}

void delivery::nudge() {
  if (state_->running) state_->running->nudge();
}

asio::awaitable<unless_stopped<access_token>> delivery::probe_token() {
  const unless_stopped<std::string> token =
      co_await state_->token.get(state_->reader({}).payer().spent);
  if (!token) co_return token.error();
  co_return state_->token.about();
}

}  // namespace patchbay
