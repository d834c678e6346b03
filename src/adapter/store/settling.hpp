// What one answer (or its absence) does to a customer's levels; each call is a part of the group
// commit's transaction. Private to adapter/store.
#pragma once

#include "parts.hpp"

namespace patchbay {

[[nodiscard]] settled_row settle_attempt(sqlite_store::parts& store, const settle& ended);
[[nodiscard]] settled_row prove_customer(database& base, const prove& read, instant now);
[[nodiscard]] settled_row close_unsent(database& base, const close_row& row);

/// What is acknowledged has changed beside the row that waits: it says less than its line by now,
/// which therefore does not enter the set when the row is settled.
void bar_line(database& base, job_number job, std::string_view key);
/// The API no longer has the customer: id, acknowledged and doubt go.
void forget_customer(database& base, job_number job, customer_levels& levels);

}  // namespace patchbay
