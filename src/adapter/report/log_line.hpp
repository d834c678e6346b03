// One line of the log in each of its formats. Pure, for log_observer alone.
#pragma once

#include <string>
#include <string_view>

#include "patchbay/adapter/report/log_observer.hpp"

namespace patchbay {

struct log_entry {
  severity how = severity::info;
  std::string_view event;
  std::string_view text;
  const log_fields& fields;
  wall_time when{};
};

/// Without the line end; control characters are escaped, so that one entry is one line.
[[nodiscard]] std::string log_line(const log_entry& entry, const log_options& options);

/// The entry as a datagram of the journal's own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one
/// NAME=value a line. Values are cut, so that it always fits into one datagram.
[[nodiscard]] std::string journal_datagram(const log_entry& entry);

}  // namespace patchbay
