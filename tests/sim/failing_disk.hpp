// A disk that fails: this executable's own write, pwrite, ftruncate, fsync, fdatasync, rename,
// renameat, link and linkat stand before the system's, count themselves, and fail when asked to.
// SQLite, the fingerprints and the folders of drops all go through them. One thread.
#pragma once

#include <cstdint>

namespace patchbay::sim {

struct disk_fault {
  std::int64_t at_call = 0;  ///< the how-manieth call fails, from 1; 0: none
  bool full = false;         ///< ENOSPC from there on, until mended; else EIO, once
};

/// From now on calls are counted, and fail as `what` says.
void begin_disk_fault(disk_fault what);
/// The full disk has room again.
void make_room();
/// Nothing fails or is counted any more. How many calls were counted.
std::int64_t mend_disk();
[[nodiscard]] bool disk_is_full();

/// What the simulation itself writes meanwhile is neither counted nor fails.
class spared_disk {
 public:
  spared_disk();
  ~spared_disk();
  spared_disk(const spared_disk&) = delete;
  spared_disk& operator=(const spared_disk&) = delete;
};

}  // namespace patchbay::sim
