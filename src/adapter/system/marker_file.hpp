// The marker beside a drop: found under the names that producers use, read with a limit, and what
// it says of bytes and SHA-256 compared with the file. Private to adapter/system. Blocking.
#pragma once

#include <optional>
#include <string>

#include "drop_file.hpp"
#include "patchbay/model/marker.hpp"

namespace patchbay {

/// customers_1.csv.done and such; never a drop where markers are in use.
[[nodiscard]] bool is_marker_name(const std::string& name);

/// Of `drop` in `folder`: customers_1.csv.done, .ok, or customers_1.done, .ok, also in capitals.
[[nodiscard]] std::optional<std::string> marker_beside_in(const open_folder& folder,
                                                          const std::string& drop);

/// DROP_UNSAFE, DROP_UNREADABLE, MARKER_UNREADABLE.
[[nodiscard]] result<drop_marker> read_marker(const open_folder& folder, const std::string& name);

/// MARKER_BYTES_DIFFER, MARKER_SHA256_DIFFERS; the file is read whole only for a SHA-256.
[[nodiscard]] result<void> compare_with_file(const drop_marker& said, const open_drop& drop,
                                             const std::string& name);

}  // namespace patchbay
