// The slots of the windows: leased before a request leaves, released when it has ended, kept until
// no window can count them any more. Private to adapter/store; parts of the caller's transaction.
#pragma once

#include "parts.hpp"

namespace patchbay {

/// The slots in memory are those of this transaction, unless another process has written since:
/// then they are read again. At the beginning of each transaction that grants or releases.
void forget_stale_slots(sqlite_store::parts& store);
/// A slot if every window of the class has room at `now`; marks the customer of a PATCH.
[[nodiscard]] lease grant(sqlite_store::parts& store, const lease_request& asked, instant now);
void release_at(sqlite_store::parts& store, slot_number slot, instant at);
void take_back(sqlite_store::parts& store, const cancel_lease& asked);

/// Slots of another boot: their stamps cannot be compared, so they count as released at `now`.
void adopt_slots_of_other_boots(sqlite_store::parts& store, instant now);
/// Slots in flight of processes that no longer run are released at `now`.
void release_dead_leases(sqlite_store::parts& store, instant now);
void prune_slots(sqlite_store::parts& store, instant now);

}  // namespace patchbay
