// Looks at a state's file beside whoever owns it, without writing: version and integrity, for
// `check`. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "patchbay/model/fault.hpp"

namespace patchbay {

struct state_health {
  std::int64_t version = 0;  ///< of the schema
  std::int64_t newest = 0;   ///< that this program knows; an older one is upgraded by the owner
  bool whole = true;         ///< the file was looked at from beginning to end
};

/// SQLite's quick_check; `enough` is asked now and then and ends it early. STATE_UNREADABLE (it
/// cannot be opened), STATE_DAMAGED, STATE_NEWER (another version of the program wrote it).
[[nodiscard]] result<state_health> look_at_state(const std::filesystem::path& file,
                                                 std::function<bool()> enough);

}  // namespace patchbay
