// One cell to one canonical value, by type. Private to model/: mapping uses it, and the marker for
// its time. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/field.hpp"
#include "patchbay/model/mapping.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {

/// `cell` is transformed, not empty. CELL_NOT_A_NUMBER, CELL_NOT_A_DATE, CELL_NOT_A_BOOLEAN,
/// CELL_NOT_JSON, CELL_CONTROL_CHARACTER, EMAIL_INVALID, TAGS_TOO_MANY.
[[nodiscard]] result<value> cell_value(std::string_view cell, const field_spec& spec,
                                       bool decimal_comma, json_canonicaliser json);

/// strptime-like: %Y %m %d %H %M %S %y %z and literal text; strict widths, ranges checked.
/// `with_time`: YYYY-MM-DDTHH:MM:SSZ, else YYYY-MM-DD.
[[nodiscard]] result<std::string> parse_date(std::string_view cell, std::string_view format,
                                             bool with_time);

/// ISO 8601, a date alone or with time; without a zone: UTC.
[[nodiscard]] std::optional<std::chrono::sys_seconds> iso_moment(std::string_view text);

}  // namespace patchbay
