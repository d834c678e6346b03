#include "patchbay/adapter/system/process_identity.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

namespace patchbay {
namespace {

/// What /proc/<pid>/stat says: state letter and start time (proc(5), fields 3 and 22).
struct process_stat {
  char state = '?';
  std::string started;
};

std::optional<process_stat> stat_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The name in field 2 may hold blanks and brackets; only the last bracket ends it.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(line.substr(name_end + 1));
  process_stat found;
  constexpr int field_of_state = 3;
  constexpr int field_of_start = 22;
  rest >> found.state;
  for (int field = field_of_state; field < field_of_start; ++field) rest >> found.started;
  if (!rest) return std::nullopt;
  return found;
}

}  // namespace

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  if (!std::getline(file, id) || id.empty()) {
    throw std::runtime_error("/proc/sys/kernel/random/boot_id cannot be read: is /proc mounted?");
  }
  return id;
}

std::string process_token() {
  const int pid = ::getpid();
  const std::optional<process_stat> own = stat_of(pid);
  if (!own) throw std::runtime_error("/proc/self/stat cannot be read: is /proc mounted?");
  return std::to_string(pid) + ":" + own->started;
}

bool process_alive(std::string_view token) {
  const std::size_t colon = token.find(':');
  int pid = 0;
  const auto parsed = std::from_chars(token.data(), token.data() + token.size(), pid);
  if (parsed.ec != std::errc() || colon == std::string_view::npos || pid <= 0) return false;
  if (parsed.ptr != token.data() + colon) return false;
  const std::optional<process_stat> now = stat_of(pid);
  // Hidden from us (hidepid) but there: taken for alive, because a wrong "dead" costs more.
  if (!now) return ::kill(pid, 0) == 0 || errno == EPERM;
  return now->state != 'Z' && now->state != 'X' && now->started == token.substr(colon + 1);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    throw std::runtime_error("the kernel gives no random bytes");
  }
  return seed;
}

}  // namespace patchbay
