#include "gzip_body.hpp"

#include <memory>

#include <zlib.h>

namespace patchbay {
namespace {

constexpr std::size_t step_bytes = 16U << 10U;
constexpr int gzip_only = 16;  ///< added to the window bits: neither zlib's nor a raw stream

struct inflate_end {
  void operator()(z_stream* one) const { inflateEnd(one); }
};

}  // namespace

std::optional<gzip_fault> gunzip(std::string_view packed, std::size_t most, std::string& into) {
  into.clear();
  z_stream state{};
  if (inflateInit2(&state, MAX_WBITS + gzip_only) != Z_OK) return gzip_fault::damaged;
  const std::unique_ptr<z_stream, inflate_end> ended_at_return(&state);
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  state.avail_in = static_cast<uInt>(packed.size());
  for (int said = Z_OK; said != Z_STREAM_END;) {
    if (into.size() > most) return gzip_fault::too_large;
    const std::size_t made = into.size();
    into.resize(made + step_bytes);
    state.next_out = reinterpret_cast<Bytef*>(into.data() + made);
    state.avail_out = static_cast<uInt>(step_bytes);
    said = inflate(&state, Z_NO_FLUSH);
    into.resize(made + step_bytes - state.avail_out);
    // Z_BUF_ERROR is also how a stream that was cut off says that it wants more.
    if (said != Z_OK && said != Z_STREAM_END) return gzip_fault::damaged;
  }
  if (into.size() > most) return gzip_fault::too_large;
  if (state.avail_in > 0) return gzip_fault::damaged;
  return std::nullopt;
}

}  // namespace patchbay
