#include "drop_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <vector>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr mode_t folder_rights = 0750;
constexpr mode_t file_rights = 0640;
constexpr int most_numbers = 10'000;

fault not_moved(const fs::path& what, const fs::path& where, const std::string& why) {
  return {"DROP_NOT_MOVED", what.string() + " cannot be moved to " + where.string() + ": " + why +
                                "; patchbay needs the right to write in both folders"};
}

fault missing(const fs::path& what) {
  return {"DROP_MISSING", what.string() + " is not there"};
}

/// Renames without replacing. The second way is for file systems that know no such rename.
int rename_free(int from, const char* name, int to, const char* free_name) {
  if (::renameat2(from, name, to, free_name, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::linkat(from, name, to, free_name, 0) != 0) return errno;
  return ::unlinkat(from, name, 0) == 0 ? 0 : errno;
}

/// Under the first free number; the name, or the errno that stopped it.
boost::system::result<std::string, int> rename_numbered(int from, const std::string& name, int to,
                                                        const std::string& wanted) {
  for (int number = 1; number < most_numbers; ++number) {
    std::string free_name = numbered(wanted, number);
    const int failed = rename_free(from, name.c_str(), to, free_name.c_str());
    if (failed == 0) return free_name;
    if (failed != EEXIST) return failed;
  }
  return EEXIST;
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

bool write_all(int to, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t wrote = ::write(to, bytes, size);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    bytes += wrote;
    size -= static_cast<std::size_t>(wrote);
  }
  return true;
}

bool copy_bytes(int from, int to) {
  constexpr std::size_t part_bytes = 1U << 20U;
  std::vector<char> part(part_bytes);
  off_t at = 0;
  while (true) {
    const ssize_t got = ::pread(from, part.data(), part.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    if (!write_all(to, part.data(), static_cast<std::size_t>(got))) return false;
    at += got;
  }
}

}  // namespace

std::string numbered(std::string_view name, int number) {
  if (number <= 1) return std::string(name);
  std::string_view stem = name;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (stem.ends_with(packed) && stem.size() > packed.size()) {
      stem.remove_suffix(packed.size());
      break;
    }
  }
  const std::size_t dot = stem.rfind('.');
  if (dot != std::string_view::npos && dot > 0) stem = stem.substr(0, dot);
  const std::string_view extension = name.substr(stem.size());
  return std::string(stem) + "-" + std::to_string(number) + std::string(extension);
}

result<open_folder> open_directory(const fs::path& path) {
  descriptor opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.valid()) return open_folder{std::move(opened), path};
  if (errno == ENOENT) {
    return fault{"FOLDER_MISSING", "the drop directory " + path.string() +
                                       " does not exist: make it, writable by the ERP and by "
                                       "patchbay, or correct source.directory"};
  }
  return fault{"FOLDER_UNUSABLE", "the drop directory " + path.string() +
                                      " cannot be opened: " + std::strerror(errno)};
}

result<open_folder> open_below(const open_folder& above, const std::string& name, bool make) {
  const fs::path path = above.path / name;
  if (make && ::mkdirat(above.opened.get(), name.c_str(), folder_rights) == 0) {
    ::fsync(above.opened.get());
  } else if (make && errno != EEXIST) {
    return fault{"FOLDER_UNUSABLE", path.string() + " cannot be made: " + std::strerror(errno) +
                                        "; patchbay needs the right to write in " +
                                        above.path.string()};
  }
  constexpr int how = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
  descriptor opened(::openat(above.opened.get(), name.c_str(), how));
  if (opened.valid()) return open_folder{std::move(opened), path};
  if (errno == ENOENT) return fault{"FOLDER_MISSING", path.string() + " does not exist"};
  const bool other = errno == ELOOP || errno == ENOTDIR;
  return fault{"FOLDER_UNUSABLE",
               path.string() + " cannot be used: " +
                   (other ? "it must be a folder, not a link or a file" : std::strerror(errno))};
}

result<open_drop> open_safely(int folder, const std::string& name, const fs::path& shown) {
  open_drop drop;
  // Not blocking: a named pipe would wait for a writer.
  constexpr int how = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  drop.opened = descriptor(::openat(folder, name.c_str(), how));
  const auto unsafe = [&shown](const std::string& why) {
    return fault{"DROP_UNSAFE", shown.string() + " is not taken: " + why};
  };
  if (!drop.opened.valid()) {
    if (errno == ENOENT) return missing(shown);
    if (errno == ELOOP) return unsafe("it is a symbolic link; deliver the file itself");
    return unsafe(std::string("it cannot be opened: ") + std::strerror(errno));
  }
  if (::fstat(drop.opened.get(), &drop.about) != 0) return unsafe(std::strerror(errno));
  if (!S_ISREG(drop.about.st_mode)) return unsafe("it is not a regular file");
  if (drop.about.st_nlink != 1) {
    return unsafe("it has several hard links, so that others could change it; deliver a copy");
  }
  return drop;
}

result<std::string> move_durably(const open_folder& from, const std::string& name,
                                 const open_folder& to, const std::string& wanted) {
  const fs::path shown = from.path / name;
  const auto renamed = rename_numbered(from.opened.get(), name, to.opened.get(), wanted);
  if (renamed) {
    if (::fsync(to.opened.get()) != 0 || ::fsync(from.opened.get()) != 0) {
      return not_moved(shown, to.path, std::strerror(errno));
    }
    return *renamed;
  }
  if (renamed.error() == ENOENT) return missing(shown);
  if (renamed.error() != EXDEV) return not_moved(shown, to.path, std::strerror(renamed.error()));
  result<open_drop> drop = open_safely(from.opened.get(), name, shown);
  if (!drop) return drop.error();
  result<std::string> copied = copy_durably(*drop, shown, to, wanted);
  if (!copied) return copied;
  if (::unlinkat(from.opened.get(), name.c_str(), 0) != 0 || ::fsync(from.opened.get()) != 0) {
    return not_moved(shown, to.path, std::strerror(errno));
  }
  return copied;
}

result<std::string> copy_durably(const open_drop& from, const fs::path& shown,
                                 const open_folder& to, const std::string& wanted) {
  const std::string unfinished = "." + wanted + ".part";
  constexpr int how = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  const descriptor out(::openat(to.opened.get(), unfinished.c_str(), how, file_rights));
  if (!out.valid()) return not_moved(shown, to.path, std::strerror(errno));
  const std::array<timespec, 2> times{from.about.st_atim, from.about.st_mtim};
  const bool copied = copy_bytes(from.opened.get(), out.get()) &&
                      ::futimens(out.get(), times.data()) == 0 && ::fsync(out.get()) == 0;
  const int why = errno;
  struct stat after {};
  const bool unchanged = ::fstat(from.opened.get(), &after) == 0 && same_file(from.about, after);
  if (!copied || !unchanged) {
    ::unlinkat(to.opened.get(), unfinished.c_str(), 0);
    if (!copied) return not_moved(shown, to.path, std::strerror(why));
    return fault{"DROP_CHANGED", shown.string() +
                                     " changed while it was copied: deliver it "
                                     "under another name and rename it when done"};
  }
  const auto renamed = rename_numbered(to.opened.get(), unfinished, to.opened.get(), wanted);
  if (!renamed) return not_moved(shown, to.path, std::strerror(renamed.error()));
  if (::fsync(to.opened.get()) != 0) return not_moved(shown, to.path, std::strerror(errno));
  return *renamed;
}

}  // namespace patchbay
