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
  bool hidden = false;          ///< sensitive: both values are masked
};

/// What cannot be compared, because it is not known what the API holds or should.
struct unknown_field {
  std::string key;
  std::string id;     ///< empty: the customer has none at the moment
  std::string field;  ///< empty: all of the customer
  std::string why;    ///< for a person
};

/// checked = in_sync + drifted_customers + missing + unknown_customers. Who drifted is not counted
/// as unknown beside.
struct drift_report {
  std::string job;
  std::int64_t checked = 0;
  std::int64_t in_sync = 0;
  std::int64_t drifted_customers = 0;
  std::int64_t unknown_customers = 0;
  std::vector<drifted_field> drifted;  ///< by key, then field
  std::vector<std::string> missing;    ///< keys whose id the API no longer has
  std::vector<unknown_field> unknown;  ///< by key, then field
};

}  // namespace patchbay
