#include "whole_file.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace patchbay {
namespace {

/// Owns a descriptor; negative: what could not be opened, `errno` says why.
struct opened {
  explicit opened(int number) : descriptor(number) {}
  opened(const opened&) = delete;
  opened& operator=(const opened&) = delete;
  ~opened() {
    if (descriptor >= 0) ::close(descriptor);
  }
  const int descriptor;
};

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool write_in(int folder, const std::string& name, std::string_view text, file_kind kind) {
  const std::string aside = name + ".part";
  ::unlinkat(folder, aside.c_str(), 0);
  const opened file(::openat(folder, aside.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             S_IRUSR | S_IWUSR | S_IRGRP));
  if (file.descriptor < 0) return false;
  const auto made_lasting = [kind](int what) { return !kind.lasting || ::fsync(what) == 0; };
  // Said outright: the umask is another program's wish.
  const mode_t all_may_read = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
  if (kind.for_all && ::fchmod(file.descriptor, all_may_read) != 0) return false;
  const bool placed = write_all(file.descriptor, text) && made_lasting(file.descriptor) &&
                      ::renameat(folder, aside.c_str(), folder, name.c_str()) == 0;
  if (placed) return made_lasting(folder);
  const int cause = errno;
  ::unlinkat(folder, aside.c_str(), 0);
  errno = cause;
  return false;
}

/// A folder in `top`; one that is a link is refused.
int open_inner(int top, const std::string& inner) {
  return ::openat(top, inner.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

fault not_written(const std::filesystem::path& path) {
  const std::string cause = errno == ENOTDIR || errno == ELOOP ? "its folder is a link or no folder"
                                                               : std::strerror(errno);
  return {"FILE_NOT_WRITTEN", path.string() + " cannot be written: " + cause};
}

}  // namespace

result<void> write_whole(const std::filesystem::path& path, std::string_view text, file_kind kind) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  const opened folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.descriptor < 0 || !write_in(folder.descriptor, path.filename(), text, kind)) {
    return not_written(path);
  }
  return {};
}

result<void> write_whole_below(const std::filesystem::path& above, const std::string& inner,
                               const std::string& name, std::string_view text) {
  const std::filesystem::path path = above / inner / name;
  const opened top(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (top.descriptor < 0) return not_written(path);
  if (::mkdirat(top.descriptor, inner.c_str(), S_IRWXU | S_IRWXG) != 0 && errno != EEXIST) {
    return not_written(path);
  }
  const opened folder(open_inner(top.descriptor, inner));
  if (folder.descriptor < 0 || !write_in(folder.descriptor, name, text, {})) {
    return not_written(path);
  }
  return {};
}

void remove_below(const std::filesystem::path& above, const std::string& inner,
                  const std::string& name) {
  const opened top(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (top.descriptor < 0) return;
  const opened folder(open_inner(top.descriptor, inner));
  if (folder.descriptor >= 0) ::unlinkat(folder.descriptor, name.c_str(), 0);
}

}  // namespace patchbay
