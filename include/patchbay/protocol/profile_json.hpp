// A drop's profile as the text in which the store keeps it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "patchbay/model/profile.hpp"

namespace patchbay {

[[nodiscard]] std::string profile_json(const drop_profile& profile);
/// nullopt: empty, or of a form that this version does not know; then nothing is compared.
[[nodiscard]] std::optional<drop_profile> parse_profile(std::string_view json);

}  // namespace patchbay
