// The versioned schema of the store: a ladder of migrations, one step a version. Private to
// adapter/store. docs/formats.md describes the tables.
#pragma once

#include <cstdint>

#include "database.hpp"

namespace patchbay {

/// The version that this program writes.
[[nodiscard]] std::int64_t newest_schema();

/// `lasting`: on disk. Brings the database to the newest version; makes identity and secret on
/// first use. A newer version than this program knows, and a file that is another program's, are a
/// store_error.
void prepare_schema(database& base, bool lasting);
/// The same refusals; false: it would have to be migrated first.
[[nodiscard]] bool has_newest_schema(database& base);

}  // namespace patchbay
