// Where a drop's bytes come from: the file itself, or what a gzip or zstd file unpacks to. Told by
// the first bytes, not by the name. Unpacking has limits, so that a small file cannot fill memory
// or time without end. Private to adapter/csv; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/job.hpp"

namespace patchbay {

class byte_source {
 public:
  virtual ~byte_source() = default;
  /// Fills the front of `room`; 0: the end. DROP_UNREADABLE, DROP_DAMAGED (packed bytes that are
  /// not whole), DROP_TOO_LARGE, DROP_BOMB (limits.drop, limits.decompressed_ratio).
  [[nodiscard]] virtual result<std::size_t> read(std::span<char> room) = 0;
  /// Bytes of the file that were read so far, packed as they are.
  [[nodiscard]] virtual std::int64_t read_of_file() const = 0;

  /// For an open descriptor, which it does not own. `file_bytes`: the file's size.
  [[nodiscard]] static result<std::unique_ptr<byte_source>> open(int descriptor,
                                                                 const input_limits& limits);
};

}  // namespace patchbay
