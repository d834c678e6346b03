// Exchanges that are counted: a factory around another one, so that every request of the process
// is seen in one place, whoever sends it, and the engine knows nothing of being counted. Owned by
// the composition, loop thread.
#pragma once

#include <memory>

#include "patchbay/adapter/web/metrics.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/exchange.hpp"

namespace patchbay {

class metered_factory final : public exchange_factory {
 public:
  /// All of them outlive it.
  metered_factory(exchange_factory& inner, metrics& numbers, const clock& time)
      : inner_(inner), numbers_(numbers), time_(time) {}

  [[nodiscard]] std::unique_ptr<exchange> open() override;

 private:
  exchange_factory& inner_;
  metrics& numbers_;
  const clock& time_;
};

}  // namespace patchbay
