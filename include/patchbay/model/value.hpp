// The canonical value of a field: JSON text. What the ERP said, what the API said and what is
// sent are all held in this one form, so that a diff is a comparison and a patch is a
// concatenation; numbers keep the digits of their source (no binary rounding). Plain data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

/// Valid JSON text without insignificant blanks: `"a@x.it"`, `1200.50`, `true`, `null`,
/// `{"a":1}` (objects have sorted keys). Absence ("unknown") is std::optional's nullopt.
/// A sensitive value appears in levels only as its keyed hash, the JSON string `"#<hex>"`.
struct value {
  std::string json;

  friend bool operator==(const value&, const value&) = default;
};

[[nodiscard]] value null_value();
[[nodiscard]] value string_value(std::string_view text);  ///< UTF-8 in, escaped JSON string out
[[nodiscard]] bool is_null(const value& v);
[[nodiscard]] bool is_string(const value& v);
[[nodiscard]] bool is_number(const value& v);
/// The text of a JSON string value, unescaped; the JSON text itself for everything else.
[[nodiscard]] std::string plain_text(const value& v);
/// Equal as the API would see it: same JSON, or numbers equal as decimals (1.50 = 1.5 = 15e-1).
[[nodiscard]] bool same(const value& a, const value& b);
/// Decimal equality of two JSON number texts, exact at any length.
[[nodiscard]] bool same_number(std::string_view a, std::string_view b);

}  // namespace patchbay
