// The kinds of event that the log knows, each with its MESSAGE_ID for the journal. One table; the
// suite `tidy` compares it with what the program says and with systemd/patchbay.catalog. Pure, for
// the log alone.
#pragma once

#include <string_view>

namespace patchbay {

/// 32 hexadecimal digits; empty: no such kind of event.
[[nodiscard]] std::string_view message_id_of(std::string_view event);

}  // namespace patchbay
