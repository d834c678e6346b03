#include "patchbay/engine/delivery.hpp"

#include <utility>

#include "delivery_pass.hpp"

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
        token({given.auth, given.read_secret, queue, given.time, given.watcher, counts, closing},
              wanted.api),
        reads({pool, token, queue, given.time, given.watcher, counts, closing, *target, given.seed},
              wanted.api) {}

  delivery_parts given;
  const settings& config;
  request_counts counts;
  closing_time closing;
  std::shared_ptr<gates> target = std::make_shared<gates>();
  store_queue queue;
  session_pool pool;
  token_source token;
  caller reads;
  bool draining = false;
  delivery_pass* running = nullptr;
};

delivery::delivery(delivery_parts parts, const settings& config)
    : state_(std::make_unique<state>(std::move(parts), config)) {}

delivery::~delivery() = default;

api_reader& delivery::reader() {
  return state_->reads;
}

asio::awaitable<delivered> delivery::pass(std::vector<std::string> jobs, std::string run,
                                          std::optional<instant> deadline) {
  state& all = *state_;
  delivery_pass::order asked;
  for (const job_spec& job : all.config.jobs) {
    if (std::find(jobs.begin(), jobs.end(), job.name) != jobs.end()) asked.jobs.push_back(&job);
  }
  asked.run = std::move(run);
  asked.deadline = deadline;
  delivery_pass one({all.given, all.config, all.queue, all.pool, all.token, all.reads, all.counts,
                     all.closing, all.target},
                    std::move(asked));
  all.running = &one;
  std::exception_ptr failed;
  delivered did;
  try {
    did = co_await one.run();
  } catch (...) {
    failed = std::current_exception();
  }
  all.running = nullptr;
  // A pass that stopped by itself closes for its own readers only.
  if (!all.draining) all.closing.reopen();
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

void delivery::drain() {
  state_->draining = true;
  state_->closing.close();
  if (state_->running != nullptr) state_->running->drain();
}

void delivery::never_give_up() {
  state_->reads.never_give_up();
}

void delivery::nudge() {
  if (state_->running != nullptr) state_->running->nudge();
}

asio::awaitable<unless_stopped<access_token>> delivery::probe_token() {
  const unless_stopped<std::string> token = co_await state_->token.get();
  if (!token) co_return token.error();
  co_return state_->token.about();
}

}  // namespace patchbay
