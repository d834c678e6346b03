// A drop in UTF-16 read as UTF-8, so that the scan and everything behind it know bytes alone. A
// unit that is no character becomes the byte 0xFF, which UTF-8 does not have: its row is refused,
// not the drop. Private to adapter/csv; one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "byte_source.hpp"

namespace patchbay {

/// utf-16le, utf-16be
[[nodiscard]] bool is_utf16(std::string_view encoding);

/// `encoding`: one of the two. Reads from `units`; its byte order mark becomes that of UTF-8.
/// CSV_ENCODING_UNSUPPORTED: the file begins with the mark of the other one.
[[nodiscard]] std::unique_ptr<byte_source> utf8_of(std::unique_ptr<byte_source> units,
                                                   std::string_view encoding);

/// UTF-8 as the producer would have written it, with a byte order mark.
[[nodiscard]] std::string as_utf16(std::string_view text, std::string_view encoding);

}  // namespace patchbay
