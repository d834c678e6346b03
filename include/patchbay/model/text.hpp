// Unicode-aware text transforms (utf8proc) for mapping and echo. Input is valid UTF-8. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "patchbay/model/field.hpp"

namespace patchbay {

[[nodiscard]] bool valid_utf8(std::string_view text);
[[nodiscard]] std::string trimmed(std::string_view text);  ///< blanks incl. NBSP at both ends
[[nodiscard]] std::string lowered(std::string_view text);
[[nodiscard]] std::string uppered(std::string_view text);
[[nodiscard]] std::string collapsed(std::string_view text);  ///< inner runs of blanks to one
[[nodiscard]] std::string composed(std::string_view text);   ///< NFC
[[nodiscard]] std::string transformed(std::string_view text, std::span<const transform> steps);

}  // namespace patchbay
