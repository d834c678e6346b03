#include "patchbay/model/fingerprint.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <xxhash.h>

namespace patchbay {
namespace {

fingerprint digest_of(XXH128_hash_t hash) {
  return {.high = hash.high64, .low = hash.low64};
}

/// Length before text: no two lists of texts have the same bytes.
void append_sized(std::string& out, std::string_view text) {
  const std::uint64_t size = text.size();
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(text);
}

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
  std::string marked = "key:";
  marked += key;
  return of_record(marked);
}

fingerprint fingerprinter::of_values(std::string_view key, const field_values& fields) const {
  std::string text = "values:";
  append_sized(text, key);
  for (const auto& [name, held] : fields) {
    append_sized(text, name);
    append_sized(text, held.json);
  }
  return of_record(text);
}

}  // namespace patchbay
