#include "patchbay/adapter/csv/csv_drop_opener.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "csv_drop_reader.hpp"
#include "read_ahead.hpp"
#include "utf16_source.hpp"

namespace patchbay {
namespace {

fault cannot_open(const std::filesystem::path& path, int why) {
  const std::string name = path.filename().string();
  if (why == ENOENT || why == ENOTDIR) return {"DROP_MISSING", "there is no file " + path.string()};
  if (why == ELOOP) return {"DROP_UNSAFE", name + " is a symbolic link: deliver the file itself"};
  return {"DROP_UNREADABLE", "cannot open " + path.string() + ": " + std::strerror(why)};
}

result<void> check_kind(const struct stat& found, const std::string& name) {
  if (!S_ISREG(found.st_mode)) return fault{"DROP_UNSAFE", name + " is not a regular file"};
  if (found.st_nlink != 1) {
    return fault{"DROP_UNSAFE", name + " has " + std::to_string(found.st_nlink) +
                                    " hard links: another name could change it while it is read"};
  }
  return {};
}

}  // namespace

result<std::unique_ptr<drop_reader>> csv_drop_opener::open(
    const std::filesystem::path& path) const {
  result<cell_encoding> encoding = cell_encoding::make(dialect_.encoding);
  if (!encoding) return encoding.error();
  // O_NONBLOCK: a FIFO of that name must not stop us; it has no effect on a regular file.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return cannot_open(path, errno);
  open_file file(descriptor);
  struct stat found {};
  if (::fstat(descriptor, &found) != 0) return cannot_open(path, errno);
  const std::string name = path.filename().string();
  if (const result<void> checked = check_kind(found, name); !checked) return checked.error();
  if (found.st_size > limits_.drop_bytes) {
    return fault{"DROP_TOO_LARGE", name + " has " + std::to_string(found.st_size) +
                                       " bytes, the limit is " +
                                       std::to_string(limits_.drop_bytes) + " (limits.drop)"};
  }
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  result<std::unique_ptr<byte_source>> source = byte_source::open(descriptor, limits_);
  if (!source) return source.error();
  if (is_utf16(encoding->name())) *source = utf8_of(std::move(*source), encoding->name());
  csv_drop_reader::manner how{dialect_, std::move(*encoding), limits_, reading_.block_bytes};
  auto reader = std::make_unique<csv_drop_reader>(
      opened_csv{std::move(file), found, std::move(*source)}, std::move(how));
  if (const result<void> begun = reader->begin(); !begun) return begun.error();
  if (found.st_size >= reading_.ahead_from) {
    return std::unique_ptr<drop_reader>(std::make_unique<read_ahead>(std::move(reader)));
  }
  return std::unique_ptr<drop_reader>(std::move(reader));
}

}  // namespace patchbay
