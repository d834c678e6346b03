// GETs for whoever needs them: a leased slot, a valid token, back-off until there is an answer, and
// the sessions of the pool that are free. Private to engine/; loop thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "closing_time.hpp"
#include "patchbay/engine/api_reader.hpp"
#include "patchbay/policy/gate.hpp"
#include "patchbay/protocol/replies.hpp"
#include "store_queue.hpp"
#include "token_source.hpp"

namespace patchbay {

class session_pool;

/// One session of the pool, for one coroutine at a time, until it is given back.
class borrowed_session {
 public:
  borrowed_session(session_pool& pool, std::unique_ptr<exchange> line)
      : pool_(&pool), line_(std::move(line)) {}
  borrowed_session(borrowed_session&&) noexcept = default;
  borrowed_session& operator=(borrowed_session&&) = delete;
  ~borrowed_session() { give_back(); }
  [[nodiscard]] exchange& line() { return *line_; }
  void give_back();

 private:
  session_pool* pool_;
  std::unique_ptr<exchange> line_;
};

/// The bounded pool: at most `most` exchanges exist.
class session_pool {
 public:
  session_pool(exchange_factory& api, std::size_t most, clock& time)
      : api_(api), most_(most), time_(time) {}

  [[nodiscard]] boost::asio::awaitable<borrowed_session> borrow();

 private:
  friend class borrowed_session;
  void take_back(std::unique_ptr<exchange> line);

  exchange_factory& api_;
  std::size_t most_;
  clock& time_;
  std::size_t made_ = 0;
  std::vector<std::unique_ptr<exchange>> idle_;
  /// Who is rung has a session laid into his hand: nobody can be quicker.
  struct borrower {
    std::unique_ptr<alarm> bell;
    std::unique_ptr<exchange> line;
  };
  std::deque<std::shared_ptr<borrower>> waiting_;
};

/// On whose account requests are made: the job's present run, and what was spent so far.
struct account {
  std::string run = {};  ///< for the log
  request_counts spent = {};
};

/// What one GET came to: an answer; a stop; or nothing yet, and the gate knows when to ask again.
struct read_attempt {
  std::optional<reply> answer = {};
  std::optional<stop> stopped = {};
  bool failed = false;  ///< and counted as one that is repeated
};

class caller {
 public:
  struct parts {
    session_pool& pool;
    token_source& token;
    store_queue& queue;
    clock& time;
    observer& watcher;
    closing_time& closing;
    gates& target;
    std::uint64_t seed = 0;  ///< of the jitter
  };
  caller(parts given, const api_spec& api) : parts_(given), api_(api), random_(given.seed) {}

  [[nodiscard]] boost::asio::awaitable<unless_stopped<reply>> read(request what, account& payer);
  /// One try, as soon as a session is free; none where the gate of GETs has shut meanwhile.
  [[nodiscard]] boost::asio::awaitable<read_attempt> try_once(request what, account& payer);
  /// The windows of a class: as configured, else by the token's test flag; less the reserve.
  /// Never more in a minute than the API has shown of late.
  [[nodiscard]] window_limits limits(request_class kind) const;
  /// What the windows let leave in the long run; infinity: they are lifted.
  [[nodiscard]] double patches_per_second() const;
  /// How many customers are in work at once. What a crash may repeat is at most what of these was
  /// sent and not settled.
  [[nodiscard]] int most_at_work() const;
  /// What an answer's X-Ratelimit-* say; `taken` as in its lease.
  [[nodiscard]] yielding heed(request_class kind, const verdict& said, int taken);

  /// Says that the target has fallen silent, when it is asked next, and that it answers again.
  void tell_circuit(request_class what);
  /// A daemon does not give up: it waits and asks now and then.
  void never_give_up() { gives_up_ = false; }
  /// The target has been silent for longer than anybody waits: what to say of it.
  [[nodiscard]] std::optional<stop> out_of_patience() const;
  /// The moment at which patience ends; instant::max(): never, or there is no silence.
  [[nodiscard]] instant patience_ends() const;

 private:
  /// What a try goes out with.
  struct permit {
    std::string token;
    lease slot;
  };
  [[nodiscard]] boost::asio::awaitable<read_attempt> try_on(exchange& line, request what,
                                                            account& payer);
  [[nodiscard]] nanoseconds pause_after_failures();
  [[nodiscard]] instant patience_ends(const breaker& circuit) const;
  [[nodiscard]] instant read_patience_ends() const;
  [[nodiscard]] boost::asio::awaitable<read_attempt> exchange_once(exchange& line, request what,
                                                                   permit given, account& payer);
  [[nodiscard]] read_attempt weigh(const verdict& said, reply answer, const std::string& token,
                                   account& payer);
  void tell_read(severity how, const verdict& said, const account& payer);

  parts parts_;
  const api_spec& api_;
  std::mt19937_64 random_;
  bool gives_up_ = true;
  std::map<request_class, int> shown_limits_;      ///< requests in the API's minute
  std::map<request_class, bool> shared_;           ///< with others, as of the last answer
  std::map<request_class, instant> told_probe_;    ///< of an open circuit
  std::map<request_class, instant> silent_since_;  ///< when it opened
};

/// What one job reads, on its account.
class job_reader final : public api_reader {
 public:
  explicit job_reader(caller& all) : all_(all) {}

  boost::asio::awaitable<unless_stopped<reply>> read(request what) override {
    return all_.read(std::move(what), payer_);
  }
  [[nodiscard]] request_counts requests() const override { return payer_.spent; }
  [[nodiscard]] account& payer() { return payer_; }

 private:
  caller& all_;
  account payer_;
};

}  // namespace patchbay
