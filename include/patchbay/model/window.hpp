// The limits of the API and the slots that keep them: plain data shared by policy (which
// decides), store (which leases durably) and protocol (which knows the API's numbers).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/instant.hpp"

namespace patchbay {

/// Each class of request has its own bucket at the API.
enum class request_class { patch, get, token };

/// At most `requests` in any span of `per`, as the server sees them.
struct window_limit {
  int requests = 0;
  nanoseconds per{0};

  friend bool operator==(const window_limit&, const window_limit&) = default;
};

/// All windows of one class; every one of them must have room. Empty: unlimited.
using window_limits = std::vector<window_limit>;

using slot_number = std::int64_t;

/// Either a slot, or the earliest moment to ask again; nullopt: when the next reply frees one.
struct lease {
  std::optional<slot_number> slot;
  std::optional<instant> not_before;
  int taken = 0;  ///< with a slot: how many count in the longest window, this one included
};

}  // namespace patchbay
