#include "patchbay/adapter/system/state_lock.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "descriptor.hpp"
#include "patchbay/adapter/system/process_identity.hpp"

namespace patchbay {
namespace {

constexpr mode_t folder_rights = 0700;
constexpr mode_t file_rights = 0600;

fault unusable(const std::filesystem::path& what, int why) {
  if (why == ENOSPC || why == EIO || why == EDQUOT || why == EROFS) {
    return {"STATE_NOT_WRITTEN", what.string() + " cannot be written: " + std::strerror(why)};
  }
  return {"STATE_UNUSABLE", what.string() + " cannot be used: " + std::strerror(why) +
                                "; it must be writable by the user that runs patchbay"};
}

/// "<pid>:<start> <milliseconds since 1970>", as remember() writes it.
std::optional<state_owner> named_in(const std::filesystem::path& file) {
  std::ifstream from(file);
  std::string token;
  std::int64_t since_ms = 0;
  if (!(from >> token >> since_ms) || !process_alive(token)) return std::nullopt;
  state_owner owner;
  owner.pid = std::atoi(token.c_str());
  owner.since = wall_time(milliseconds(since_ms));
  return owner;
}

std::string shown(wall_time when) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(when));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[sizeof "2026-11-23T02:15:00Z"];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

fault owned(const std::filesystem::path& state) {
  const std::optional<state_owner> owner = state_lock::owner_of(state);
  const std::string who =
      owner ? " (pid " + std::to_string(owner->pid) + ", since " + shown(owner->since) + ")" : "";
  return {"STATE_OWNED", "another process" + who + " owns the state " + state.string() +
                             "; wait until it has ended, or stop it"};
}

bool remember(int file) {
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  const std::string text =
      process_token() + " " + std::to_string(now.time_since_epoch().count()) + "\n";
  return ::ftruncate(file, 0) == 0 &&
         ::pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

result<state_lock> state_lock::take(const std::filesystem::path& state) {
  std::error_code failed;
  if (!std::filesystem::is_directory(state, failed)) {
    if (state.has_parent_path()) std::filesystem::create_directories(state.parent_path(), failed);
    if (::mkdir(state.c_str(), folder_rights) != 0 && errno != EEXIST) {
      return unusable(state, errno);
    }
  }
  const std::filesystem::path path = state / "lock";
  descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, file_rights));
  if (!file.valid()) return unusable(path, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? owned(state) : unusable(path, errno);
  }
  if (!remember(file.get())) return unusable(path, errno);
  return state_lock(file.release());
}

std::optional<state_owner> state_lock::owner_of(const std::filesystem::path& state) {
  return named_in(state / "lock");
}

state_lock::state_lock(state_lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

state_lock& state_lock::operator=(state_lock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

state_lock::~state_lock() {
  release();
}

void state_lock::release() {
  if (descriptor_ < 0) return;
  // Emptied while it is still ours, so that nobody is named as owner who is none.
  if (::ftruncate(descriptor_, 0) != 0) errno = 0;
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace patchbay
