// Delivery: pending → settled. Workers, each a coroutine, ask policy/dispatch for the next step,
// obey (from the lease to the reply with a keep-alive session of the bounded pool), and report the
// reply; everything durable goes through the store in group commits. One delivery serves all jobs
// of the organization: their passes go on side by side and share workers, sessions and windows in
// turn. Loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/api_reader.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/stop.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/delivery_store.hpp"
#include "patchbay/port/exchange.hpp"
#include "patchbay/port/intake_store.hpp"
#include "patchbay/port/lane.hpp"
#include "patchbay/port/line_set.hpp"
#include "patchbay/port/observer.hpp"
#include "patchbay/port/seal.hpp"
#include "patchbay/protocol/replies.hpp"

namespace patchbay {

/// What delivery works with; everything outlives it.
struct delivery_parts {
  delivery_store& store;
  intake_store& customers;  ///< groups, identity
  lane& store_lane;
  std::map<std::string, line_set*> lines;  ///< by job
  exchange_factory& api;
  exchange_factory& auth;                            ///< the token endpoint's origin
  std::function<result<std::string>()> read_secret;  ///< read again at each token request
  seal& sealing;
  clock& time;
  observer& watcher;
  std::uint64_t seed = 0;  ///< of the jitter
};

/// What one pass did, beside what the store holds.
struct delivered {
  std::int64_t applied = 0;
  std::int64_t rejected = 0;
  request_counts requests;
  std::optional<stop> stopped;                   ///< nullopt: everything that could be settled is
  bool made_way = false;                         ///< ended early, as make_way() asked
  std::optional<bool> test_mode = std::nullopt;  ///< of the token; nullopt: none was needed
};

class delivery {
 public:
  delivery(delivery_parts parts, const settings& config);
  ~delivery();

  /// The reader of a job, for resolve and checks; it shares token and windows with the PATCHes,
  /// and counts what the job spends, also for these.
  [[nodiscard]] api_reader& reader(const std::string& job = {});
  /// One pass over everything pending of the job, until it is settled or `deadline` (instant) has
  /// come. Several jobs' passes may go on at once, but not two of one. `run` names the run in the
  /// history.
  [[nodiscard]] boost::asio::awaitable<delivered> pass(std::string job, std::string run,
                                                       std::optional<instant> deadline);
  /// Of the token at hand; nullopt: there is none.
  [[nodiscard]] std::optional<bool> test_mode() const;
  /// The windows in force: as configured, else those of the token's mode, less the reserve.
  [[nodiscard]] window_limits limits(request_class kind) const;
  /// The job's pass starts nothing new, and ends when what is in flight is finished.
  void make_way(const std::string& job);
  /// The wall clock was set: the deadline of the pass that is on for the job is at another instant.
  void set_deadline(const std::string& job, std::optional<instant> deadline);
  /// Starts nothing new; what is in flight is finished and committed. Loop thread.
  void drain();
  /// From now on a target that answers nobody is waited for, however long (the daemon); otherwise
  /// api.retry.give_up ends a pass, and a read.
  void never_give_up();
  /// What is pending of the jobs may have changed, by an operator's word.
  void nudge();
  /// Fetches a token now and tells of it, without its text; says why it cannot. For `check`.
  [[nodiscard]] boost::asio::awaitable<unless_stopped<access_token>> probe_token();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace patchbay
