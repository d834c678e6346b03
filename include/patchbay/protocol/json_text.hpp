// JSON text ↔ canonical values, on RapidJSON with numbers kept as the digits they came in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {

/// Any JSON text in canonical form: no blanks, sorted keys, digits kept. JSON_INVALID,
/// JSON_TOO_DEEP (64 levels), JSON_DUPLICATE_KEY.
[[nodiscard]] result<value> canonical_json(std::string_view text);
/// A flat object {"email":"a@x","metadata.limit":1.50} to its members and back.
[[nodiscard]] result<field_values> parse_values(std::string_view object);
[[nodiscard]] std::string write_values(const field_values& values);
/// The strings in a JSON array; none for anything else.
[[nodiscard]] std::vector<std::string> names_in(const value& list);
/// The member at `path` of a metadata object; nullopt when it is not there.
[[nodiscard]] std::optional<value> metadata_at(std::string_view object,
                                               const std::vector<std::string>& path);
/// `object` with the member at `path` set (nullopt: removed; an object left empty by it stays).
/// Everything else keeps its digits and order. An empty `object` counts as {}.
[[nodiscard]] result<std::string> with_metadata(std::string_view object,
                                                const std::vector<std::string>& path,
                                                const std::optional<value>& set);

}  // namespace patchbay
