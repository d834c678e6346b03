// Seals sensitive values with libsodium: secretbox (XSalsa20-Poly1305) while they are
// wanted, a keyed BLAKE2b hash once acknowledged. Gives customers the names they have in logs, too.
// The key file is made at first start, mode 0600. Thread-safe: the key never changes while the
// process runs.
#pragma once

#include <array>
#include <filesystem>

#include "patchbay/port/seal.hpp"

namespace patchbay {

class sodium_seal final : public seal {
 public:
  /// Reads the key file, or makes it. SEAL_KEY_READABLE (others can read it), SEAL_KEY_DAMAGED,
  /// SEAL_KEY_MISSING (it cannot be made).
  [[nodiscard]] static result<sodium_seal> open_key(const std::filesystem::path& key_file);

  /// With a key that nobody else has and that ends with the process: for a dry run where there is
  /// no state yet, which writes nothing.
  [[nodiscard]] static result<sodium_seal> for_this_process();

  /// Tells this key from others, and nothing of it.
  [[nodiscard]] std::string mark() const { return pseudonym("seal"); }

  value veil(const value& plain) const override;
  std::string close(const value& plain) const override;
  result<value> open(std::string_view sealed) const override;

  /// 16 hexadecimal digits for a customer's key, keyed: the keys of an ERP are few enough to be
  /// found from a plain hash by trying them all.
  [[nodiscard]] std::string pseudonym(std::string_view key) const;

 private:
  using key_bytes = std::array<unsigned char, 32>;
  [[nodiscard]] static sodium_seal from(const unsigned char* key);
  key_bytes box_{};
  key_bytes hash_{};
  key_bytes name_{};
};

}  // namespace patchbay
