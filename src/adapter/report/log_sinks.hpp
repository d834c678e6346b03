// Where finished entries of the log go: stderr, or the journal's socket. What they are given is
// written as it is. For log_observer alone; called on spdlog's writer thread.
#pragma once

#include <filesystem>

#include <spdlog/common.h>

namespace patchbay {

[[nodiscard]] spdlog::sink_ptr stderr_sink();

/// Datagrams to the journal at `socket`. While nobody reads there, entries are lost and counted,
/// never waited for longer than a second; the count is said when the journal is back.
[[nodiscard]] spdlog::sink_ptr journal_sink(std::filesystem::path socket);

}  // namespace patchbay
