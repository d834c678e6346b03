// Seeded 128-bit fingerprints (XXH3) of raw records, mapped cells and keys. The seed comes
// from the state's random secret, so that nobody can prepare two records with one fingerprint.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "patchbay/model/levels.hpp"

namespace patchbay {

/// Of a stored record, against damage, not against malice.
[[nodiscard]] std::uint64_t checksum(std::string_view bytes);

class fingerprinter {
 public:
  /// `secret`: 32 random bytes of the state.
  explicit fingerprinter(std::string_view secret);
  [[nodiscard]] fingerprint of_record(std::string_view raw) const;
  [[nodiscard]] fingerprint of_key(std::string_view key) const;
  /// Of the cells that a mapping reads, in its order: independent of column order and quoting.
  [[nodiscard]] fingerprint of_cells(std::string_view sized_cells) const;

 private:
  std::array<unsigned char, 192> secret_{};
};

}  // namespace patchbay
