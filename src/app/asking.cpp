#include "asking.hpp"

#include <array>

#include <pwd.h>
#include <unistd.h>

#include "patchbay/adapter/system/state_lock.hpp"

namespace patchbay {

std::string who_asks() {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  const uid_t user = ::getuid();
  if (::getpwuid_r(user, &entry, room.data(), room.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return "uid " + std::to_string(user);
}

std::string who_carries_out(const settings& config) {
  const auto owner = state_lock::owner_of(config.state_path);
  if (!owner) return "the next sync or the daemon carries it out";
  return "process " + std::to_string(owner->pid) +
         " owns the state and carries it out within a second; what its run cannot take in any "
         "more, "
         "the next one does";
}

}  // namespace patchbay
