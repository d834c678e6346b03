#include "patchbay/model/fingerprint.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <xxhash.h>

namespace patchbay {
namespace {

fingerprint digest_of(XXH128_hash_t hash) {
  return {.high = hash.high64, .low = hash.low64};
}

// What is fingerprinted as what: bytes that mean different things have different fingerprints.
constexpr std::uint64_t key_mark = 0x6B65793A6B65793AULL;
constexpr std::uint64_t cells_mark = 0x63656C6C73656C6CULL;

}  // namespace

std::uint64_t checksum(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

fingerprinter::fingerprinter(std::string_view secret) {
  static_assert(sizeof secret_ >= XXH3_SECRET_SIZE_MIN);
  constexpr std::size_t step = sizeof(XXH128_hash_t);
  static_assert(sizeof secret_ % step == 0);
  for (std::size_t at = 0; at < secret_.size(); at += step) {
    const XXH128_hash_t part = XXH3_128bits_withSeed(secret.data(), secret.size(), at);
    std::memcpy(secret_.data() + at, &part, step);
  }
}

fingerprint fingerprinter::of_record(std::string_view raw) const {
  return digest_of(XXH3_128bits_withSecret(raw.data(), raw.size(), secret_.data(), secret_.size()));
}

fingerprint fingerprinter::of_key(std::string_view key) const {
  // Another value than a record of the same bytes would have.
  fingerprint print = of_record(key);
  print.high ^= key_mark;
  print.low += key_mark;
  return print;
}

fingerprint fingerprinter::of_cells(std::string_view sized_cells) const {
  fingerprint print = of_record(sized_cells);
  print.high ^= cells_mark;
  print.low += cells_mark;
  return print;
}

}  // namespace patchbay
