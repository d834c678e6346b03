#include "patchbay/adapter/system/file_spool.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "patchbay/port/intake_store.hpp"

namespace patchbay {
namespace {

constexpr mode_t ours_alone = 0600;

[[noreturn]] void fail(const std::filesystem::path& folder, const char* doing) {
  throw store_error(std::string(doing) + " the plan's spool in " + folder.string() +
                    " failed: " + std::strerror(errno));
}

/// Without a name from the start; file systems that do not know that get one for a moment.
int open_nameless(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, ours_alone);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  std::string name = (folder / ".plan-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

file_spool::file_spool(std::filesystem::path folder, std::size_t in_memory)
    : folder_(std::move(folder)), in_memory_(in_memory) {}

file_spool::~file_spool() {
  if (file_ >= 0) ::close(file_);
}

std::uint64_t file_spool::append(std::string_view bytes) {
  const std::uint64_t place = written_ + tail_.size();
  tail_ += bytes;
  if (tail_.size() > in_memory_) write_out();
  return place;
}

void file_spool::open() {
  std::error_code missing;
  if (!std::filesystem::is_directory(folder_, missing)) {
    folder_ = std::filesystem::temp_directory_path();
  }
  file_ = open_nameless(folder_);
  if (file_ < 0) fail(folder_, "making");
}

void file_spool::write_out() {
  if (file_ < 0) open();
  std::string_view left = tail_;
  while (!left.empty()) {
    const ssize_t wrote = ::pwrite(file_, left.data(), left.size(), static_cast<off_t>(written_));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) fail(folder_, "writing");
    left.remove_prefix(static_cast<std::size_t>(wrote));
    written_ += static_cast<std::uint64_t>(wrote);
  }
  tail_.clear();
}

void file_spool::read(std::uint64_t place, std::span<char> into) {
  if (place >= written_) {
    tail_.copy(into.data(), into.size(), place - written_);
    return;
  }
  while (!into.empty()) {
    const ssize_t got = ::pread(file_, into.data(), into.size(), static_cast<off_t>(place));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail(folder_, "reading");
    into = into.subspan(static_cast<std::size_t>(got));
    place += static_cast<std::uint64_t>(got);
  }
}

}  // namespace patchbay
