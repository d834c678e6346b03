#include "byte_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace patchbay {
namespace {

constexpr std::size_t packed_block_bytes = std::size_t{1} << 18U;
/// Below it a high ratio is a small file, not an attack.
constexpr std::int64_t always_allowed_bytes = std::int64_t{64} << 20U;
constexpr int gzip_alone = 15 + 16;  ///< zlib's window bits: gzip, not zlib's own format
/// zstd's windows take memory as the file asks: 128 MB is what its own tool accepts.
constexpr int most_window_log = 27;

fault damaged(const std::string& how) {
  return {"DROP_DAMAGED", "the packed file is " + how +
                              ": deliver it again, under a temporary name until it is complete"};
}

class plain_source final : public byte_source {
 public:
  explicit plain_source(int descriptor) : descriptor_(descriptor) {}

  result<std::size_t> read(std::span<char> room) override {
    while (true) {
      const ssize_t got = ::read(descriptor_, room.data(), room.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        return fault{"DROP_UNREADABLE",
                     std::string("reading the drop failed: ") + std::strerror(errno)};
      }
      read_ += got;
      return static_cast<std::size_t>(got);
    }
  }
  [[nodiscard]] std::int64_t read_of_file() const override { return read_; }

 private:
  int descriptor_;
  std::int64_t read_ = 0;
};

/// What both kinds of unpacking share: a block of packed bytes, and the limits.
class packed_source : public byte_source {
 public:
  packed_source(int descriptor, const input_limits& limits)
      : file_(descriptor), limits_(limits), block_(packed_block_bytes) {}

  result<std::size_t> read(std::span<char> room) override {
    while (true) {
      if (at_ == filled_ && !at_end_) {
        const result<std::size_t> got = file_.read(block_);
        if (!got) return got.error();
        at_ = 0;
        filled_ = *got;
        at_end_ = filled_ == 0;
      }
      const result<std::size_t> made = unpack(room);
      if (!made) return made.error();
      unpacked_ += static_cast<std::int64_t>(*made);
      if (const result<void> fine = within_limits(); !fine) return fine.error();
      if (*made > 0) return *made;
      if (!at_end_) continue;
      if (!whole()) return damaged("cut off");
      return std::size_t{0};
    }
  }
  [[nodiscard]] std::int64_t read_of_file() const override { return file_.read_of_file(); }

 protected:
  /// Unpacks from packed() into `room`, says how much was taken with take().
  [[nodiscard]] virtual result<std::size_t> unpack(std::span<char> room) = 0;
  /// Nothing of a member or frame is missing.
  [[nodiscard]] virtual bool whole() const = 0;

  [[nodiscard]] std::span<char> packed() { return std::span(block_).subspan(at_, filled_ - at_); }
  void take(std::size_t bytes) { at_ += bytes; }

 private:
  [[nodiscard]] result<void> within_limits() const {
    if (unpacked_ > limits_.drop_bytes) {
      return fault{
          "DROP_TOO_LARGE",
          "it unpacks to more than " + std::to_string(limits_.drop_bytes) + " bytes (limits.drop)"};
    }
    const double most = limits_.decompressed_ratio * static_cast<double>(file_.read_of_file());
    if (unpacked_ > always_allowed_bytes && static_cast<double>(unpacked_) > most) {
      return fault{"DROP_BOMB", "it unpacks to more than " +
                                    std::to_string(static_cast<int>(limits_.decompressed_ratio)) +
                                    " times its size (limits.decompressed_ratio): no export does"};
    }
    return {};
  }

  plain_source file_;
  input_limits limits_;
  std::vector<char> block_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  bool at_end_ = false;
  std::int64_t unpacked_ = 0;
};

class gzip_source final : public packed_source {
 public:
  gzip_source(int descriptor, const input_limits& limits) : packed_source(descriptor, limits) {
    if (inflateInit2(&stream_, gzip_alone) != Z_OK) throw std::bad_alloc();
  }
  ~gzip_source() override { inflateEnd(&stream_); }
  gzip_source(const gzip_source&) = delete;
  gzip_source& operator=(const gzip_source&) = delete;

 private:
  /// A file may hold several members in a row (RFC 1952, section 2.2).
  result<std::size_t> unpack(std::span<char> room) override {
    const std::span<char> from = packed();
    if (from.empty() && between_members_) return std::size_t{0};
    // Without input, too: what was taken may not all have been given out.
    if (between_members_) {
      inflateReset(&stream_);
      between_members_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(from.data());
    stream_.avail_in = static_cast<uInt>(from.size());
    const auto most = static_cast<uInt>(std::min<std::size_t>(room.size(), 1U << 30U));
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = most;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    take(from.size() - stream_.avail_in);
    if (code == Z_STREAM_END) {
      between_members_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return damaged("damaged (gzip)");
    }
    return std::size_t{most - stream_.avail_out};
  }
  [[nodiscard]] bool whole() const override { return between_members_; }

  z_stream stream_{};
  bool between_members_ = false;
};

class zstd_source final : public packed_source {
 public:
  zstd_source(int descriptor, const input_limits& limits)
      : packed_source(descriptor, limits), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
    if (!stream_) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, most_window_log);
  }

 private:
  result<std::size_t> unpack(std::span<char> room) override {
    const std::span<char> from = packed();
    ZSTD_inBuffer in{from.data(), from.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    if (in.size == 0 && whole()) return std::size_t{0};
    left_ = ZSTD_decompressStream(stream_.get(), &out, &in);
    take(in.pos);
    if (ZSTD_isError(left_) != 0) return damaged("damaged (zstd)");
    return out.pos;
  }
  [[nodiscard]] bool whole() const override { return left_ == 0; }

  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_;
  std::size_t left_ = 0;
};

}  // namespace

result<std::unique_ptr<byte_source>> byte_source::open(int descriptor, const input_limits& limits) {
  std::array<char, 4> first{};
  const ssize_t got = ::pread(descriptor, first.data(), first.size(), 0);
  if (got < 0) {
    return fault{"DROP_UNREADABLE",
                 std::string("reading the drop failed: ") + std::strerror(errno)};
  }
  const std::string_view magic(first.data(), static_cast<std::size_t>(got));
  std::unique_ptr<byte_source> made;
  if (magic.starts_with("\x1F\x8B")) {
    made = std::make_unique<gzip_source>(descriptor, limits);
  } else if (magic == "\x28\xB5\x2F\xFD") {
    made = std::make_unique<zstd_source>(descriptor, limits);
  } else {
    made = std::make_unique<plain_source>(descriptor);
  }
  return made;
}

}  // namespace patchbay
