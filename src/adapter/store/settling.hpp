// What one answer (or its absence) does to a customer's levels; each call is a part of the group
// commit's transaction. Private to adapter/store.
#pragma once

#include "parts.hpp"

namespace patchbay {

void release_at(sqlite_store::parts& store, slot_number slot, instant at);
[[nodiscard]] settled_row settle_attempt(sqlite_store::parts& store, const settle& ended);
[[nodiscard]] settled_row prove_customer(sqlite_store::parts& store, const prove& read);
[[nodiscard]] settled_row close_unchanged(sqlite_store::parts& store, const close_row& row);

}  // namespace patchbay
