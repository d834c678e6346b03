// The wire and the API at its other end: exchanges that reach the twin's rules after a latency by
// chance, and what is on the way when the client crashes still arrives. Also the client's side of
// the record: when each request left, and when it ended for who sent it.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "patchbay/port/exchange.hpp"
#include "patchbay/twin/rules.hpp"
#include "virtual_clock.hpp"

namespace patchbay::sim {

/// One PATCH as its sender saw it.
struct flight {
  std::string id;
  std::string body;
  instant left{0};
  instant ended = instant::max();  ///< instant::max(): the sender crashed
  int life = 0;
};

struct network_options {
  nanoseconds fastest{milliseconds(5)};
  nanoseconds slowest{milliseconds(120)};
  double unsent_share = 0;  ///< connections that fail before a byte has left
};

class network {
 public:
  network(virtual_clock& time, twin::rules& api, network_options options, std::uint64_t seed)
      : time_(time), api_(api), options_(options), dice_(seed) {}

  [[nodiscard]] std::unique_ptr<exchange_factory> factory();
  void begin_life() { ++life_; }
  void calm() { options_.unsent_share = 0; }
  [[nodiscard]] const std::deque<flight>& flights() const { return flights_; }

 private:
  friend class wire;
  [[nodiscard]] nanoseconds latency();

  virtual_clock& time_;
  twin::rules& api_;
  network_options options_;
  twin::dice dice_;
  std::deque<flight> flights_;
  int life_ = 0;
};

}  // namespace patchbay::sim
