// The wire and the API at its other end: exchanges that reach the twin's rules after a latency by
// chance, and what is on the way when the client crashes still arrives. It also tells the client's
// side: when each PATCH left, and when it ended for who sent it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "patchbay/adapter/rehearsal/virtual_clock.hpp"
#include "patchbay/port/exchange.hpp"
#include "patchbay/twin/rules.hpp"

namespace patchbay::sim {

/// One PATCH as its sender saw it.
struct flight {
  std::string id;
  std::string body;
  instant left{0};
  instant ended = instant::max();  ///< instant::max(): not yet, or the sender crashed
};

/// One request as its sender knows it: what became of the answer on the way, he has not seen.
struct heard {
  int process = 0;  ///< as given to `network::factory`
  request_class kind = request_class::get;
  instant left{0};
  instant ended{0};
  int status = 0;  ///< 0: no answer came
};

/// Between two moments nobody is answered, or nobody who asks for one class.
struct outage {
  enum class way {
    refused,      ///< no connection
    silent,       ///< time-outs
    reset,        ///< connections break
    unavailable,  ///< a gateway answers 503
  };
  instant from{0};
  instant until{0};
  std::optional<request_class> only;  ///< nullopt: all
  way how = way::silent;

  [[nodiscard]] bool meets(request_class what, instant now) const {
    return now >= from && now < until && (!only || *only == what);
  }
};

struct network_options {
  nanoseconds fastest{milliseconds(5)};
  nanoseconds slowest{milliseconds(120)};
  double unsent_share = 0;     ///< connections that fail before a byte has left
  double lost_share = 0;       ///< requests that never arrive, and nobody says so
  double cut_share = 0;        ///< a reset before the request arrives
  double unheard_share = 0;    ///< the answer is lost: the sender sees a reset
  double impatient_share = 0;  ///< something between cuts a request that is not answered
  double doubled_share = 0;    ///< something between says the request twice at once
  double shuffled_share = 0;   ///< answers that come so late that others overtake them
  double slow_read_share = 0;  ///< answers to GETs that are slow
  nanoseconds slow_read_by{0};
  nanoseconds late_by{0};  ///< how late the API applies what it does not answer
  std::vector<outage> outages = {};
};

/// What the network tells; each may be empty.
struct network_ears {
  std::function<void(const flight&)> on_left;
  std::function<void(const flight&)> on_ended;
  std::function<void()> on_arrival;       ///< the API may hold something else now
  std::function<void()> on_doubled = {};  ///< what the API has just seen was the second saying
  /// Any class, whatever becomes of it; of which process.
  std::function<void(const request&, int)> on_tried = {};
  std::function<void(const heard&)> on_heard = {};  ///< not for who crashed meanwhile
};

class network {
 public:
  network(virtual_clock& time, twin::rules& api, network_options options, std::uint64_t seed)
      : time_(time), api_(api), options_(options), dice_(seed) {}

  /// For a process on a machine that counts its instants from `booted`.
  [[nodiscard]] std::unique_ptr<exchange_factory> factory(instant booted = instant(0),
                                                          int process = 0);
  void listen(network_ears ears) { ears_ = std::move(ears); }
  void calm();

 private:
  friend class wire;
  [[nodiscard]] nanoseconds latency();
  [[nodiscard]] nanoseconds way_back(request_class what);
  [[nodiscard]] const outage* outage_of(request_class what) const;
  [[nodiscard]] bool happens(double share) { return share > 0 && dice_.share() < share; }
  void arrived() const;

  virtual_clock& time_;
  twin::rules& api_;
  network_options options_;
  twin::dice dice_;
  network_ears ears_;
};

}  // namespace patchbay::sim
