// Who waits for an e-mail address that another customer had: as soon as the API says that it is
// held no longer, the letters that refuse it are due, in the same transaction, so that no crash can
// lose the occasion. Private to adapter/store; parts of the caller's transaction.
#pragma once

#include <optional>
#include <vector>

#include "parts.hpp"
#include "patchbay/port/delivery_store.hpp"

namespace patchbay {

/// What the API last confirmed; nullopt: unknown, or none.
[[nodiscard]] std::optional<value> address_held(const customer_levels& customer);
/// After a customer's address has changed from `before`: whose letters are due at `now` by it.
[[nodiscard]] std::vector<customer_name> call_waiting(database& base,
                                                      const std::optional<value>& before,
                                                      const customer_levels& after, wall_time now);

}  // namespace patchbay
