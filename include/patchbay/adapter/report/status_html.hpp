// The status page: one document with what a daemon is doing, in parts that are told anew when they
// change. Complete without its script, which only takes new parts over; style and script are files
// of the same origin, so that the strictest Content-Security-Policy holds. No value and no key of a
// customer is on it: every user of the machine may look. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "patchbay/model/status.hpp"

namespace patchbay {

/// Where the page finds what belongs to it.
inline constexpr const char* status_style_path = "/status.css";
inline constexpr const char* status_script_path = "/status.js";
inline constexpr const char* status_sign_path = "/status.svg";
inline constexpr const char* status_events_path = "/status/events";

[[nodiscard]] std::string status_html(const status_report& status);
/// What changes while it is looked at: each part's id and its element, whole, as the page has it.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> status_parts(
    const status_report& status);

[[nodiscard]] std::string status_style();
[[nodiscard]] std::string status_script();
[[nodiscard]] std::string status_sign();  ///< SVG, beside the page's title

}  // namespace patchbay
