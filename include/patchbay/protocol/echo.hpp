// Compares what was asked with what the API echoes: equal, equal after trim, case and Unicode
// normalisation, or not applied. Pure.
#pragma once

#include <string_view>

#include "patchbay/model/levels.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {

enum class echo_match { equal, normalised, different };

[[nodiscard]] echo_match compare_echo(const value& asked, const value& echoed);

/// The API shows what it confirmed, be it in its own form. `shown` as levels hold it: sensitive
/// ones veiled. False for what it never confirmed.
[[nodiscard]] bool still_confirmed(const customer_levels& customer, std::string_view field,
                                   const value& shown);

}  // namespace patchbay
