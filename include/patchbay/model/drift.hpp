// How far the API is from what it last confirmed: what others wrote since. Plain data; sensitive
// values are masked already.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/value.hpp"

namespace patchbay {

struct drifted_field {
  std::string key;
  std::string id;
  std::string field;
  value acknowledged;
  std::optional<value> actual;  ///< nullopt: the API does not show it
};

/// checked = in_sync + customers with a drifted field + missing.
struct drift_report {
  std::string job;
  std::int64_t checked = 0;
  std::int64_t in_sync = 0;
  std::vector<drifted_field> drifted;  ///< by key, then field
  std::vector<std::string> missing;    ///< keys whose id the API no longer has
};

}  // namespace patchbay
