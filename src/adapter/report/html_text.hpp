// Text into HTML: what is foreign is escaped here and nowhere else. Private to adapter/report.
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay {

/// For text and for attributes in double quotes; control characters shown, as in text reports.
[[nodiscard]] std::string escaped(std::string_view text);

/// `<tag attributes>inner</tag>`; attributes and inner are HTML already.
[[nodiscard]] std::string element(std::string_view tag, std::string_view attributes,
                                  std::string_view inner);

/// A number for CSS and SVG: no exponent, a point, at most two digits behind it.
[[nodiscard]] std::string number_text(double number);

}  // namespace patchbay
