#include "marker_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

namespace patchbay {
namespace {

constexpr std::size_t most_marker_bytes = 64 * 1024;
constexpr std::array<std::string_view, 4> endings{".done", ".ok", ".DONE", ".OK"};

/// customers_1.csv.gz, customers_1.csv, customers_1
std::vector<std::string> stems_of(const std::string& drop) {
  std::vector<std::string> stems{drop};
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (drop.ends_with(packed)) stems.push_back(drop.substr(0, drop.size() - packed.size()));
  }
  const std::string& unpacked = stems.back();
  const std::size_t dot = unpacked.rfind('.');
  if (dot != std::string::npos && dot > 0) stems.push_back(unpacked.substr(0, dot));
  return stems;
}

/// Bytes from `from` on; nullopt: the disk.
std::optional<std::size_t> read_part(const open_drop& file, off_t from, std::vector<char>& into) {
  while (true) {
    const ssize_t got = ::pread(file.opened.get(), into.data(), into.size(), from);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    return static_cast<std::size_t>(got);
  }
}

fault unreadable(const std::string& name) {
  return {"DROP_UNREADABLE", "reading " + name + " failed: " + std::strerror(errno)};
}

result<std::string> sha256_of(const open_drop& file, const std::string& name) {
  constexpr std::size_t part_bytes = 1U << 20U;
  std::vector<char> part(part_bytes);
  crypto_hash_sha256_state state{};
  crypto_hash_sha256_init(&state);
  off_t at = 0;
  while (true) {
    const std::optional<std::size_t> got = read_part(file, at, part);
    if (!got) return unreadable(name);
    if (*got == 0) break;
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(part.data()), *got);
    at += static_cast<off_t>(*got);
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state, digest.data());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return std::string(hex.data());
}

}  // namespace

bool is_marker_name(const std::string& name) {
  return std::any_of(endings.begin(), endings.end(),
                     [&name](std::string_view ending) { return name.ends_with(ending); });
}

std::optional<std::string> marker_beside_in(const open_folder& folder, const std::string& drop) {
  for (const std::string& stem : stems_of(drop)) {
    for (const std::string_view ending : endings) {
      std::string name = stem + std::string(ending);
      struct stat about {};
      if (::fstatat(folder.opened.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0) {
        return name;
      }
    }
  }
  return std::nullopt;
}

result<drop_marker> read_marker(const open_folder& folder, const std::string& name) {
  const result<open_drop> file = open_safely(folder.opened.get(), name, folder.path / name);
  if (!file) return file.error();
  if (file->about.st_size > static_cast<off_t>(most_marker_bytes)) {
    return fault{"MARKER_UNREADABLE", name + " has more than 64 KB: that is no marker"};
  }
  std::vector<char> text(most_marker_bytes);
  const std::optional<std::size_t> got = read_part(*file, 0, text);
  if (!got) return unreadable(name);
  result<drop_marker> said = parse_marker({text.data(), *got});
  if (!said) return fault{said.error().code, name + ", " + said.error().message};
  return said;
}

result<void> compare_with_file(const drop_marker& said, const open_drop& drop,
                               const std::string& name) {
  constexpr const char* what_to_do =
      ": the delivery is not complete, or the marker is another file's; deliver both again";
  if (said.bytes && *said.bytes != drop.about.st_size) {
    return fault{"MARKER_BYTES_DIFFER", name + " has " + std::to_string(drop.about.st_size) +
                                            " bytes, its marker says " +
                                            std::to_string(*said.bytes) + what_to_do};
  }
  if (said.sha256.empty()) return {};
  const result<std::string> found = sha256_of(drop, name);
  if (!found) return found.error();
  if (*found == said.sha256) return {};
  return fault{"MARKER_SHA256_DIFFERS", name + " has the SHA-256 " + *found + ", its marker says " +
                                            said.sha256 + what_to_do};
}

}  // namespace patchbay
