// The token endpoint's memory: the same live token is handed out again, with what remains of its
// life, until its last 15 minutes; then a new one, while the old one lives on to its end (as the
// real endpoint was seen to do). Pure; owned by `rules`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/instant.hpp"

namespace patchbay::twin {

struct issued_token {
  std::string text;  ///< shaped like a JWT; its signature proves nothing
  instant issued{0};
  instant ends{0};
  wall_time created_at{};
  bool revoked = false;
};

class token_desk {
 public:
  token_desk(std::chrono::seconds life, bool test_mode, std::string organization)
      : life_(life), test_mode_(test_mode), organization_(std::move(organization)) {}

  /// `chance` makes the signature, nothing else.
  const issued_token& issue(instant now, wall_time wall, std::uint64_t chance);
  /// `authorization` is the whole header value, "Bearer …".
  [[nodiscard]] bool accepts(std::string_view authorization, instant now) const;
  void revoke_all();

 private:
  std::chrono::seconds life_;
  bool test_mode_;
  std::string organization_;
  std::vector<issued_token> tokens_;
};

}  // namespace patchbay::twin
