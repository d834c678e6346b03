// One owner per state (exit 11): flock on <state>/lock, held as long as the object lives and
// given back by the kernel however the process ends. The file tells others who holds it; it is
// never deleted, because a lock on a deleted file locks nobody out. Owned by a command.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/instant.hpp"

namespace patchbay {

struct state_owner {
  int pid = 0;
  wall_time since{};
};

class state_lock {
 public:
  /// Makes the state's folder when it is missing. STATE_OWNED: another process has it, the
  /// message says which and since when. STATE_UNUSABLE: folder or file cannot be made (78).
  [[nodiscard]] static result<state_lock> take(const std::filesystem::path& state);
  /// Who owns the state now, without touching the lock. nullopt: nobody.
  [[nodiscard]] static std::optional<state_owner> owner_of(const std::filesystem::path& state);

  state_lock(state_lock&& other) noexcept;
  state_lock& operator=(state_lock&& other) noexcept;
  state_lock(const state_lock&) = delete;
  state_lock& operator=(const state_lock&) = delete;
  ~state_lock();

 private:
  explicit state_lock(int descriptor) : descriptor_(descriptor) {}
  void release();
  int descriptor_ = -1;
};

}  // namespace patchbay
