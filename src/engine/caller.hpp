// GETs for whoever needs them: a leased slot, a valid token, back-off until there is an answer, and
// the sessions of the pool that are free. Private to engine/; loop thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "patchbay/engine/api_reader.hpp"
#include "patchbay/policy/windows.hpp"
#include "patchbay/protocol/replies.hpp"
#include "store_queue.hpp"
#include "token_source.hpp"

namespace patchbay {

/// The bounded pool: at most `most` exchanges exist; a borrower has one alone.
class session_pool {
 public:
  session_pool(exchange_factory& api, std::size_t most, clock& time)
      : api_(api), most_(most), time_(time) {}

  [[nodiscard]] boost::asio::awaitable<std::unique_ptr<exchange>> borrow();
  void give_back(std::unique_ptr<exchange> line);

 private:
  exchange_factory& api_;
  std::size_t most_;
  clock& time_;
  std::size_t made_ = 0;
  std::vector<std::unique_ptr<exchange>> idle_;
  std::deque<std::shared_ptr<alarm>> waiting_;
};

class caller final : public api_reader {
 public:
  struct parts {
    session_pool& pool;
    token_source& token;
    store_queue& queue;
    clock& time;
    observer& watcher;
    request_counts& counts;
    closing_time& closing;
  };
  caller(parts given, const api_spec& api) : parts_(given), api_(api) {}

  boost::asio::awaitable<unless_stopped<reply>> read(request what) override;
  [[nodiscard]] request_counts requests() const override { return parts_.counts; }

  /// The same on a session that the caller owns.
  [[nodiscard]] boost::asio::awaitable<unless_stopped<reply>> read_on(exchange& line, request what);
  /// The windows of a class: as configured, else by the token's test flag; less the reserve.
  /// Never more in a minute than the API has shown of late.
  [[nodiscard]] window_limits limits(request_class kind) const;
  /// What an answer's X-Ratelimit-* say; `taken` as in its lease.
  [[nodiscard]] yielding heed(request_class kind, const verdict& said, int taken);

 private:
  /// One try: an answer, nullopt to try again after `pause`, or a stop.
  struct attempt {
    std::optional<reply> answer;
    std::optional<stop> stopped;
    nanoseconds pause{0};
    bool repeats = true;  ///< counts as retried
    bool connected = true;
  };
  [[nodiscard]] boost::asio::awaitable<attempt> try_once(exchange& line, request what);
  [[nodiscard]] boost::asio::awaitable<attempt> exchange_once(exchange& line, request what,
                                                              std::string token, lease slot);
  [[nodiscard]] attempt weigh(const verdict& said, const reply& answer, const std::string& token);

  parts parts_;
  const api_spec& api_;
  int throttled_in_a_row_ = 0;
  instant throttled_until_{0};
  int failed_in_a_row_ = 0;
  std::map<request_class, int> shown_limits_;  ///< requests in the API's minute
  bool yields_ = false;                        ///< at the last answer
  instant yields_until_{0};                    ///< reads
};

}  // namespace patchbay
