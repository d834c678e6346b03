#include "patchbay/adapter/system/secret_file.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>

#include "descriptor.hpp"

namespace patchbay {
namespace {

constexpr std::size_t longest_secret_bytes = 64U << 10U;
constexpr std::string_view option = "api.client_secret_file ";

fault missing(const std::filesystem::path& file) {
  return {"SECRET_MISSING", std::string(option) + file.string() +
                                " does not exist: put the client secret there, readable by the "
                                "user that runs patchbay alone"};
}

fault unreadable(const std::filesystem::path& file, const std::string& why) {
  return {
      "SECRET_UNREADABLE",
      std::string(option) + file.string() + " cannot be read: " + why +
          " (the API client's secret belongs there, readable by the user of the service alone)"};
}

bool is_credential(const std::filesystem::path& file) {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder != nullptr && *folder != '\0' &&
         file.lexically_normal().parent_path() == std::filesystem::path(folder).lexically_normal();
}

mode_t forbidden_rights(const std::filesystem::path& file) {
  return is_credential(file) ? S_IRWXO : S_IRWXG | S_IRWXO;
}

}  // namespace

result<std::string> read_secret_file(const std::filesystem::path& file) {
  const descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened.valid()) {
    return errno == ENOENT ? missing(file) : unreadable(file, std::strerror(errno));
  }
  struct stat about {};
  if (::fstat(opened.get(), &about) != 0) return unreadable(file, std::strerror(errno));
  if (!S_ISREG(about.st_mode)) return unreadable(file, "it is not a file");
  if ((about.st_mode & forbidden_rights(file)) != 0) {
    return fault{"SECRET_READABLE_BY_OTHERS", std::string(option) + file.string() +
                                                  " is open to other users: chmod 600 it, and "
                                                  "renew the secret if others could read it"};
  }
  std::string secret;
  std::array<char, 4096> part{};
  while (secret.size() <= longest_secret_bytes) {
    const ssize_t got = ::read(opened.get(), part.data(), part.size());
    if (got < 0) return unreadable(file, std::strerror(errno));
    if (got == 0) break;
    secret.append(part.data(), static_cast<std::size_t>(got));
  }
  if (secret.size() > longest_secret_bytes) return unreadable(file, "it is longer than 64 KB");
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.find_first_not_of(" \t\r\n") == std::string::npos) {
    return fault{"SECRET_EMPTY",
                 std::string(option) + file.string() + " is empty: put the client secret there"};
  }
  return secret;
}

}  // namespace patchbay
