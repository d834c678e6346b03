// How a reply is called in the log. The API's own words may quote a customer's value, so one that
// has some is told by its codes. Pure; for engine/ alone.
#pragma once

#include <string>
#include <string_view>

#include "patchbay/model/verdict.hpp"

namespace patchbay {

/// "PATCH refused: VALIDATION_ERROR (email)"; our own sentence where the API gave none.
[[nodiscard]] std::string words_of(std::string_view method, const verdict& said);

}  // namespace patchbay
