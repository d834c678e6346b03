// The encodings in which drops can be written, under the names that the configuration takes.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace patchbay {

/// utf-8, utf-16le, utf-16be, us-ascii, windows-1250 … 1258, iso-8859-1 … 16 (12 was never one).
[[nodiscard]] const std::vector<std::string>& known_encodings();

}  // namespace patchbay
