// The access token: fetched by one coroutine at a time, kept in memory alone, refreshed when less
// than ten minutes (or a fifth of its life, if that is less) remain: the endpoint hands out the
// same token again until its last quarter of an hour. Private to engine/; loop thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "closing_time.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/stop.hpp"
#include "patchbay/port/exchange.hpp"
#include "patchbay/port/observer.hpp"
#include "patchbay/protocol/replies.hpp"
#include "store_queue.hpp"
#include "turn.hpp"

namespace patchbay {

class token_source {
 public:
  struct parts {
    exchange_factory& auth;
    std::function<result<std::string>()> read_secret;
    store_queue& queue;
    clock& time;
    observer& watcher;
    closing_time& closing;
  };
  token_source(parts given, const api_spec& api);

  /// A token with life left. A request that it takes is counted in `spent`.
  [[nodiscard]] boost::asio::awaitable<unless_stopped<std::string>> get(request_counts& spent);
  /// The API refused this token: the next get() asks for another. False when this one and the one
  /// before were refused as soon as they were used: the endpoint knows no better one.
  [[nodiscard]] bool refuse(const std::string& token);
  void accept(const std::string& token);  ///< it was good for an answer
  /// The present token, without its secret text; for `check`.
  [[nodiscard]] access_token about() const;
  [[nodiscard]] bool test_mode() const { return token_ && token_->test_mode; }
  [[nodiscard]] bool known() const { return token_.has_value(); }

 private:
  static constexpr std::chrono::seconds first_pause{1};
  /// A try that brought no token.
  struct refusal {
    stop why;
    instant at{0};
  };
  [[nodiscard]] bool fresh() const;
  void begin_patience();
  [[nodiscard]] boost::asio::awaitable<std::optional<stop>> fetch(request_counts& spent);
  [[nodiscard]] boost::asio::awaitable<unless_stopped<access_token>> ask_once(
      std::string secret, request_counts& spent);

  parts parts_;
  const api_spec& api_;
  std::string target_;
  turn turn_;
  std::optional<access_token> token_;
  instant fetched_at_{0};
  bool proven_ = false;              ///< the API accepted the present token
  bool refused_at_once_ = false;     ///< the one before was refused, and never accepted
  nanoseconds pause_ = first_pause;  ///< after the next failure
  instant not_before_{0};            ///< after the last one
  std::optional<refusal> refused_;   ///< the last try, when none has succeeded since
  instant began_{0};                 ///< the first of those in a row
};

}  // namespace patchbay
