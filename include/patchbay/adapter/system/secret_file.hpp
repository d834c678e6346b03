// Reads api.client_secret_file: the only place a secret comes from. Read again at each token
// request, so that a new one needs no restart. Blocking, any thread.
#pragma once

#include <filesystem>
#include <string>

#include "patchbay/model/fault.hpp"

namespace patchbay {

/// Without one line end at the end. SECRET_MISSING, SECRET_READABLE_BY_OTHERS, SECRET_EMPTY,
/// SECRET_UNREADABLE; the message names the file and what to do. Group rights are accepted in
/// $CREDENTIALS_DIRECTORY alone, where they are how the service manager's access list shows.
[[nodiscard]] result<std::string> read_secret_file(const std::filesystem::path& file);

}  // namespace patchbay
