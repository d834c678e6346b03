// A PATCH's body, taken apart for the journal; and the metadata key of the other system.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "journal.hpp"
#include "patchbay/model/field.hpp"

namespace patchbay::sim {

/// Attributes and, where metadata is written, all mapped metadata fields (null when absent).
/// Without groups and passwords: what is acknowledged of them has another form.
[[nodiscard]] field_values fields_of_body(const std::string& body, const mapping_spec& mapping);

/// What the metadata object holds of the other system; foreign_lost: nothing.
[[nodiscard]] std::string foreign_of(std::string_view metadata);
/// The same of a PATCH's body; no_metadata when it writes none.
[[nodiscard]] std::string foreign_of_body(const std::string& body);
[[nodiscard]] std::optional<std::string> with_foreign(std::string_view metadata,
                                                      const std::string& text);

}  // namespace patchbay::sim
