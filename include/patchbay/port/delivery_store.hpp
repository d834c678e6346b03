// The store as delivery sees it: pending customers, leased slots with in-doubt marks, settles.
// Blocking, called on the store's lane. commit() is the group commit that everything durable of
// the sending goes through: one transaction for many operations, answers in the same order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

/// Take a slot now, if every window of the class has room; and mark what the request may change.
struct lease_request {
  request_class kind = request_class::get;
  window_limits limits;  ///< empty: unlimited (the slot is recorded all the same for patch)
  std::string job;       ///< with key and fields: the in-doubt mark of a PATCH; else empty
  std::string key;
  std::vector<std::string> fields;
};

/// A request other than PATCH has ended: its slot is held one window from here.
struct release_slot {
  slot_number slot = 0;
  instant at{0};
};

/// Nothing was sent: the slot is given back, and the mark (if job is not empty) is taken away
/// unless an earlier attempt was unanswered.
struct cancel_lease {
  slot_number slot = 0;
  std::string job;
  std::string key;
};

enum class settle_kind {
  applied,     ///< 2xx: `acknowledged` holds what the echo confirmed; `dead` what it did not
  refused,     ///< for good: `dead` says why
  denied,      ///< a definite no that will be tried again (429, stale token)
  unanswered,  ///< no answer, or a 409 or 423; with `dead` not empty: attempts are used up
  put_off,     ///< attempts are used up and the last answer is a 409 or 423: what the API holds is
               ///< to be read; `dead` says why
  gone,        ///< 404: forgets id and acknowledged; `dead` says why
};

struct settle {
  settle_kind kind = settle_kind::unanswered;
  slot_number slot = 0;    ///< 0: nothing was sent; applied: what is in doubt is to be read back
  instant released_at{0};  ///< the response, or when the socket was closed
  std::string job;
  std::string key;
  drop_number drop = 0;           ///< of the wanted row this patch was built from
  field_values acknowledged;      ///< asked and confirmed (or the echo's value for NOT_APPLIED)
  field_values echoed;            ///< the echo's form where it only differs in form
  std::vector<dead_letter> dead;  ///< ignored when a newer drop replaced the row meanwhile
  nanoseconds prove_after{0};     ///< one request time-out
  std::string run;                ///< for the history
  std::string request_id;
  wall_time at{};
};

/// A read-back has come. Clears the doubt unless a new attempt began meanwhile; where the value
/// read is not `wanted`, the customer stays pending.
struct prove {
  std::string job;
  std::string key;
  field_values acknowledged;
  wall_time at{};
  /// In doubt, but no read shows them: unknown from now on, so that what is wanted is sent again.
  std::vector<std::string> unseen = {};
};

/// An operator's or the API's word changed nothing to send: the row is counted as what it is.
/// Sent for a pending customer whose fields_to_send() is empty.
struct close_row {
  std::string job;
  std::string key;
  drop_number drop = 0;
};

using delivery_op =
    std::variant<lease_request, release_slot, cancel_lease, settle, prove, close_row>;

/// A customer of a job, by the ERP's key.
struct customer_name {
  std::string job;
  std::string key;

  friend auto operator<=>(const customer_name&, const customer_name&) = default;
};

/// What a settle, a proof or a close made of the customer.
struct settled_row {
  bool settled = false;
  /// Settled, and its line may enter the fingerprint set: a customer with a waiver stays out, so
  /// that every run counts it; a drop of our own has lines that no ERP will repeat.
  bool enters_set = false;
  /// Those who were refused the e-mail address that this customer no longer has: their letters are
  /// due from now on.
  std::vector<customer_name> called = {};
  std::string key;
  fingerprint line_print;
  fingerprint canonical_print;
};

/// Per operation: lease for lease_request, settled_row for settle, prove and close_row.
using op_result = std::variant<std::monostate, lease, settled_row>;

/// Resumes after the last customer of the page before.
struct pending_cursor {
  drop_number drop = 0;
  std::int64_t line = -1;
  std::string key;
};

class delivery_store {
 public:
  virtual ~delivery_store() = default;
  /// Customers with something to do, ordered by (drop, line, key) after `after`: pending rows,
  /// rejected rows whose dead letter is due at `now`, and doubts to be proven.
  [[nodiscard]] virtual std::vector<customer_levels> pending(std::string_view job,
                                                             const pending_cursor& after,
                                                             std::size_t most, wall_time now) = 0;
  /// Customers without an id (the API no longer had them) whose row has something to do: to be
  /// looked up by their keys, in that order, after `after`.
  [[nodiscard]] virtual std::vector<customer_levels> forgotten(std::string_view job,
                                                               const std::string& after,
                                                               std::size_t most, wall_time now) = 0;
  /// How many pending() and forgotten() would give in all.
  [[nodiscard]] virtual std::int64_t count_pending(std::string_view job, wall_time now) = 0;
  /// The job's customers who have a letter about their e-mail address.
  [[nodiscard]] virtual std::vector<customer_levels> refused_addresses(std::string_view job) = 0;
  /// One durable transaction. `now` stamps leases and decides whether windows have room.
  virtual std::vector<op_result> commit(std::span<const delivery_op> ops, instant now) = 0;
  /// After a start, by the owner of the state: leases of dead processes count as sent at `now`,
  /// attempts in flight become unanswered, proofs wait one `prove_after` again.
  virtual void recover(instant now, nanoseconds prove_after) = 0;
};

}  // namespace patchbay
