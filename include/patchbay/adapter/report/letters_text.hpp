// Dead letters for people and for scripts. Pure; `now` is given, for "in 2 h".
#pragma once

#include <span>
#include <string>

#include "patchbay/model/levels.hpp"

namespace patchbay {

/// One line with its line end.
[[nodiscard]] std::string dead_letters_json(std::span<const dead_letter> letters);
[[nodiscard]] std::string dead_letters_text(std::span<const dead_letter> letters, wall_time now);
/// `dead-letters export`: RFC 4180, comma, CRLF, UTF-8, every cell quoted; what begins like a
/// formula has an apostrophe before it.
[[nodiscard]] std::string dead_letters_csv(std::span<const dead_letter> letters);
/// What was refused, since when, how often, and when it is tried again.
[[nodiscard]] std::string refusal_text(const dead_letter& letter, wall_time now,
                                       std::size_t indent);
/// `dead-letters show KEY`: everything known of one.
[[nodiscard]] std::string dead_letter_text(const dead_letter& letter, wall_time now);

}  // namespace patchbay
