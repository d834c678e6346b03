// From the bytes of a cell to UTF-8. One-byte encodings are a table of 256 entries, filled once
// through iconv, so that a cell costs a look-up a byte and nothing is shared between calls.
// UTF-8 is only checked. Private to adapter/csv; constant after make(), any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/model/fault.hpp"

namespace patchbay {

class cell_encoding {
 public:
  /// CSV_ENCODING_UNSUPPORTED: anything but utf-8, us-ascii, windows-125x and iso-8859-x.
  [[nodiscard]] static result<cell_encoding> make(std::string_view name);
  /// nullopt: a byte (or sequence) that the encoding does not have.
  [[nodiscard]] std::optional<std::string> decode(std::string_view bytes) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool utf8() const { return utf8_; }

 private:
  std::string name_;
  bool utf8_ = true;
  std::array<std::string, 256> table_;  ///< empty: the encoding has no such byte
};

}  // namespace patchbay
