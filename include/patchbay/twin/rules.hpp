// The API as a pure machine: a request and its arrival time in, an answer out. No socket, no
// clock, no randomness but a seed, so that a simulation can drive it on virtual time and the
// TLS front on the real one. Checks come in the API's order: 429, 401, 406/415, 400, 404, 422,
// 200. Not synchronised: one caller at a time (the front locks). Calls must come in the order of
// their arrival times.
//
// In a simulation:
//   twin::rules api(options, twin::generated_roster(1000));
//   twin::served got = api.answer(what, arrival_at_server, wall_at_server);
//   switch (got.act): answer → deliver got.answer after got.delay; reset → the client sees a reset;
//   reset_mid_body → a reset while reading; silence → the client runs into its time-out.
//   At the end: api.advance(now, wall), then read api.customers() and api.log().
// The network's own latency is the caller's: call answer() when the request arrives.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/message.hpp"
#include "patchbay/model/window.hpp"
#include "patchbay/twin/fault_plan.hpp"
#include "patchbay/twin/request_log.hpp"
#include "patchbay/twin/roster.hpp"
#include "patchbay/twin/sliding_window.hpp"
#include "patchbay/twin/token_desk.hpp"

namespace patchbay::twin {

struct rules_options {
  std::string origin = "https://localhost";  ///< scheme and authority in the links of answers
  std::string base_path = "/api";
  std::string token_path = "/oauth/token";
  std::string organization = "sandbox";  ///< the slug in the token and its answers
  std::string client_id = "sandbox-client";
  std::string client_secret = "sandbox-secret";
  bool test_mode = false;  ///< the token's `test`, and the default limits
  /// Of GET and of the writes, each. nullopt: the API's for the mode; empty: no limits. The
  /// longest is the average (all endpoints of a method together, shown in the headers); the
  /// others are the hidden bursts (per method and resource).
  std::optional<window_limits> limits = std::nullopt;
  window_limits token_limits{{30, std::chrono::seconds(60)}};
  bool refused_count = true;  ///< whether a 429 uses up a place itself
  std::chrono::seconds token_life{7200};
  std::uint64_t seed = 1;             ///< of faults, trace ids and tokens
  bool keep_log = true;               ///< false: log() stays empty
  std::size_t log_limit = 2'000'000;  ///< the oldest entries are forgotten beyond it
};

/// What the front, or a simulated network, must do with the answer.
struct served {
  enum class action {
    answer,          ///< send it, `delay` from now
    reset,           ///< reset the connection before the first byte
    reset_mid_body,  ///< send the head and half of the body, then reset
    silence,         ///< send nothing, keep the connection open
  };
  reply answer;
  action act = action::answer;
  nanoseconds delay{0};
};

struct envelope;
struct visit;  // one request on its way through the checks

class rules {
 public:
  rules(rules_options options, roster customers);

  /// The token endpoint and everything below base_path.
  [[nodiscard]] served answer(const request& what, instant arrival, wall_time wall);

  /// Applies what `apply_late` holds back and is due. answer() does it by itself.
  void advance(instant now, wall_time wall);

  [[nodiscard]] const roster& customers() const { return roster_; }
  /// For edits by "another system": counted in no window, in no log.
  [[nodiscard]] roster& customers() { return roster_; }
  [[nodiscard]] const std::deque<logged_request>& log() const { return log_; }
  [[nodiscard]] fault_plan& faults() { return faults_; }
  void revoke_tokens() { desk_.revoke_all(); }
  [[nodiscard]] const rules_options& options() const { return options_; }
  /// The windows in force for a class: what a checker has to prove.
  [[nodiscard]] const window_limits& limits(request_class kind) const;

 private:
  struct late_patch {
    instant due{0};
    std::string customer_id;
    std::string body;
    std::vector<fault_rule> met;  ///< with the request: what it is refused now, it is refused late
    std::uint64_t number = 0;
  };

  void serve(visit& v);
  [[nodiscard]] bool admitted(visit& v);
  void meet_faults(visit& v);
  [[nodiscard]] bool stopped_by_fault(visit& v);
  void spoil(visit& v);
  [[nodiscard]] bool authorized(const visit& v) const;
  [[nodiscard]] envelope around_of(const visit& v) const;
  void serve_token(visit& v);
  void serve_resource(visit& v);
  void serve_read(visit& v);
  void serve_list(visit& v, const std::string& type);
  void serve_patch(visit& v);
  void seal(visit& v);
  void keep(visit& v);
  [[nodiscard]] logged_request* logged(std::uint64_t number);

  rules_options options_;
  roster roster_;
  fault_plan faults_;
  dice dice_;
  token_desk desk_;
  window_limits limits_;
  std::map<std::string, std::vector<sliding_window>, std::less<>> windows_;  // see admit()
  std::vector<late_patch> late_;  // in the order of their arrival
  std::deque<logged_request> log_;
  std::uint64_t number_ = 0;
};

}  // namespace patchbay::twin
