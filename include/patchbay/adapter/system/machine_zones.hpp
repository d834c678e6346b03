// The time zones of the machine (its tzdata, read through the date library) behind model/zone.
// Immutable after construction; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/zone.hpp"

namespace patchbay {

class machine_zones final : public zone_database {
 public:
  /// nullptr also where the machine has no tzdata at all, but for "UTC".
  [[nodiscard]] std::shared_ptr<const zone> find(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> names() const override;
};

}  // namespace patchbay
