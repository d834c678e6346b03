// The owner's word on what it is doing, for `patchbay status` in another process: a small file in
// the state, gone when nothing runs. Not in the store: it is worth nothing after a restart, and a
// line every two seconds is no reason to write to the database that the sending waits for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "patchbay/model/status.hpp"

namespace patchbay {

/// By job; empty removes the file. Blocking. A disk that refuses it is told by what matters.
void write_running(const std::filesystem::path& state, std::int64_t pid,
                   const std::map<std::string, running_run>& running);

/// What that process says; empty when it says nothing, or another one wrote it.
[[nodiscard]] std::map<std::string, running_run> read_running(const std::filesystem::path& state,
                                                              std::int64_t pid);

}  // namespace patchbay
