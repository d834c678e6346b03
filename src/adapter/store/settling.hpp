// What one answer (or its absence) does to a customer's levels; each call is a part of the group
// commit's transaction. Private to adapter/store.
#pragma once

#include "parts.hpp"

namespace patchbay {

[[nodiscard]] settled_row settle_attempt(sqlite_store::parts& store, const settle& ended);
[[nodiscard]] settled_row prove_customer(database& base, const prove& read, instant now);
[[nodiscard]] settled_row close_unsent(database& base, const close_row& row);

}  // namespace patchbay
