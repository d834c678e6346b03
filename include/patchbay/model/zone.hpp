// Local time as a person's clock shows it: what calendars and deadlines are written in. The
// zone database of the machine stands behind it (adapter/system); tests bring their own. It lies
// in model/, not in port/, because policy/calendar is pure and sees nothing above the model.
// Implementations are immutable: any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/instant.hpp"

namespace patchbay {

/// What the clock on the wall of a zone shows; says nothing without its zone.
using local_time = std::chrono::local_time<std::chrono::milliseconds>;

class zone {
 public:
  virtual ~zone() = default;
  /// IANA name, as it was asked for.
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual local_time reading_at(wall_time when) const = 0;
  /// The moment at which the clock shows `reading`. Shown twice (clocks go back): the first.
  /// Never shown (clocks go forward): the moment of the change, the next valid one.
  [[nodiscard]] virtual wall_time moment_of(local_time reading) const = 0;
};

class zone_database {
 public:
  virtual ~zone_database() = default;
  /// nullptr: no such zone. "UTC" is always known.
  [[nodiscard]] virtual std::shared_ptr<const zone> find(std::string_view name) const = 0;
  /// All known names, for "did you mean".
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;
};

}  // namespace patchbay
