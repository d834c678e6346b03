#include "failing_disk.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace patchbay::sim {
namespace {

struct disk_state {
  disk_fault what;
  std::int64_t calls = 0;
  int spared = 1;  ///< above 0: nothing is counted
};

disk_state disk;

/// 0, or the errno with which this call fails.
int failure() {
  if (disk.spared > 0) return 0;
  ++disk.calls;
  if (disk.what.at_call == 0 || disk.calls < disk.what.at_call) return 0;
  if (disk.what.full) return ENOSPC;
  return disk.calls == disk.what.at_call ? EIO : 0;
}

template <class... Given>
long called(long number, Given... given) {
  if (const int why = failure(); why != 0) {
    errno = why;
    return -1;
  }
  return ::syscall(number, given...);
}

}  // namespace

void begin_disk_fault(disk_fault what) {
  disk = {what, 0, 0};
}

void make_room() {
  disk.what = {};
}

std::int64_t mend_disk() {
  disk.spared = 1;
  disk.what = {};
  return disk.calls;
}

bool disk_is_full() {
  return disk.what.full && disk.calls >= disk.what.at_call;
}

spared_disk::spared_disk() {
  ++disk.spared;
}

spared_disk::~spared_disk() {
  --disk.spared;
}

}  // namespace patchbay::sim

// The names are the system's: the linker binds every library of this executable to them. Offsets
// are of 64 bits everywhere.
extern "C" {

using patchbay::sim::called;

ssize_t write(int file, const void* bytes, size_t size) {
  if (file <= STDERR_FILENO) return ::syscall(SYS_write, file, bytes, size);
  return called(SYS_write, file, bytes, size);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  return called(SYS_pwrite64, file, bytes, size, at);
}
int ftruncate64(int file, off64_t size) noexcept {
  return static_cast<int>(called(SYS_ftruncate, file, size));
}
int fsync(int file) {
  return static_cast<int>(called(SYS_fsync, file));
}
int fdatasync(int file) {
  return static_cast<int>(called(SYS_fdatasync, file));
}
int rename(const char* from, const char* to) noexcept {
  return static_cast<int>(called(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return static_cast<int>(called(SYS_renameat2, from_folder, from, to_folder, to, 0));
}
int link(const char* from, const char* to) noexcept {
  return static_cast<int>(called(SYS_link, from, to));
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int how) noexcept {
  return static_cast<int>(called(SYS_linkat, from_folder, from, to_folder, to, how));
}

}  // extern "C"
