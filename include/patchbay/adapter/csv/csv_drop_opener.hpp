// Opens drops as CSV, also packed with gzip or zstd: by descriptor, never through a symlink,
// regular files with one link only. Read in large blocks, not mapped: a producer that truncates a
// mapped file would kill the process (SIGBUS), and a block that stays in the cache is as fast. Any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "patchbay/model/job.hpp"
#include "patchbay/port/drop_reader.hpp"

namespace patchbay {

/// How a drop is read; the results are the same.
struct reading_spec {
  std::size_t block_bytes = std::size_t{1} << 20U;  ///< at once; grows with the longest row
  /// A file of at least so many bytes is read and cut by a thread of its own.
  std::int64_t ahead_from = std::numeric_limits<std::int64_t>::max();
};

class csv_drop_opener final : public drop_opener {
 public:
  csv_drop_opener(csv_spec dialect, input_limits limits, reading_spec reading = {})
      : dialect_(std::move(dialect)), limits_(limits), reading_(reading) {}

  /// DROP_MISSING (66); DROP_EMPTY (held); DROP_UNSAFE, DROP_TOO_LARGE, DROP_UNREADABLE,
  /// DROP_DAMAGED and DROP_BOMB (packed files), CSV_ENCODING_UNSUPPORTED and every CSV_ fault of
  /// the header: malformed.
  [[nodiscard]] result<std::unique_ptr<drop_reader>> open(
      const std::filesystem::path& path) const override;

 private:
  csv_spec dialect_;
  input_limits limits_;
  reading_spec reading_;
};

}  // namespace patchbay
