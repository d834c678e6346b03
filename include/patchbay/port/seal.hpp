// Keeps sensitive values from being readable in the store: sealed while they are wanted, a keyed
// hash once acknowledged. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {

class seal {
 public:
  virtual ~seal() = default;
  /// The value that stands for `plain` in levels: the JSON string "#<64 hex digits of a keyed
  /// hash>".
  [[nodiscard]] virtual value veil(const value& plain) const = 0;
  /// Encrypted and authenticated; each call gives another text (printable).
  [[nodiscard]] virtual std::string close(const value& plain) const = 0;
  /// SEAL_BROKEN when the key is another one or the text is damaged.
  [[nodiscard]] virtual result<value> open(std::string_view sealed) const = 0;
};

/// Whether it is what `veil` makes.
[[nodiscard]] inline bool is_veiled(const value& one) {
  constexpr std::size_t size = 1 + 1 + 64 + 1;
  return one.json.size() == size && one.json.starts_with("\"#") &&
         one.json.find_first_not_of("0123456789abcdef", 2) == size - 1;
}

}  // namespace patchbay
