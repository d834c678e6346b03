// Exchanges that are counted: a factory around another one, so that every request of the process
// is seen in one place, whoever sends it. It also knows since when nobody answers. One meter per
// process, loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "patchbay/adapter/web/metrics.hpp"
#include "patchbay/model/status.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/exchange.hpp"

namespace patchbay {

class traffic_meter {
 public:
  traffic_meter(metrics& told, const clock& time) : told_(told), time_(time) {}

  [[nodiscard]] instant begin();
  void end(request_class kind, instant begun, const boost::system::result<reply, no_reply>& how);
  /// Since when, and how, the target answers nobody: after several failures in a row.
  [[nodiscard]] std::optional<silence> silent() const;

 private:
  metrics& told_;
  const clock& time_;
  int failed_in_a_row_ = 0;
  silence last_;
};

class metered_factory final : public exchange_factory {
 public:
  /// Both outlive it.
  metered_factory(exchange_factory& inner, traffic_meter& meter) : inner_(inner), meter_(meter) {}

  [[nodiscard]] std::unique_ptr<exchange> open() override;

 private:
  exchange_factory& inner_;
  traffic_meter& meter_;
};

}  // namespace patchbay
