// Where the file of a drop belongs, and how the store writes it down: "held/customers_1.csv".
// Private to engine/. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "patchbay/model/drop.hpp"
#include "patchbay/port/inbox.hpp"

namespace patchbay {

[[nodiscard]] folder folder_of(drop_state state);
[[nodiscard]] std::string place(folder where, std::string_view name);
/// The name inside its folder, when the store knows the file to lie there.
[[nodiscard]] std::optional<std::string> name_in(const drop_record& drop, folder where);

}  // namespace patchbay
