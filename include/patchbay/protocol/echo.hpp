// Compares what was asked with what the API echoes: equal, equal after trim, case and Unicode
// normalisation, or not applied. Pure.
#pragma once

#include "patchbay/model/value.hpp"

namespace patchbay {

enum class echo_match { equal, normalised, different };

[[nodiscard]] echo_match compare_echo(const value& asked, const value& echoed);

}  // namespace patchbay
