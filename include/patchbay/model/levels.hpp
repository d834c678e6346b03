// The two levels of a customer (wanted, acknowledged) with their marks (in doubt, waived), as
// the store keeps them and as intake and delivery pass them around. Plain data, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/value.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

/// Field name to canonical value. Sensitive fields hold their keyed hash, never the value.
using field_values = std::map<std::string, value, std::less<>>;
/// Field name to the sealed (encrypted) canonical value of a sensitive field.
using sealed_values = std::map<std::string, std::string, std::less<>>;

/// 128 bits over a raw record, or over its canonical mapped values.
struct fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const fingerprint&, const fingerprint&) = default;
};

using drop_number = std::int64_t;  ///< grows with each registered drop; 0: none

/// In which of the six classes a row is counted at this moment.
enum class row_class { unchanged, applied, rejected, superseded, held, pending };

/// What one drop wants of one customer: every field that differed from `acknowledged` when the
/// row was staged, plus fields still pending from before about which the row says nothing. For a
/// customer that was not settled: every mapped field, so that a settle in between cannot undo it.
struct wanted_row {
  drop_number drop = 0;
  std::int64_t line = 0;  ///< physical line on which the record begins, header = 1
  field_values fields;
  sealed_values sealed;    ///< the sensitive ones among `fields`
  fingerprint line_print;  ///< enters the fingerprint set when this row is settled
  fingerprint canonical_print;
  row_class counted = row_class::pending;  ///< unchanged, rejected or pending
  wall_time since{};  ///< the customer is owed something, over all the drops that said so
};

/// Requests whose outcome is not known, or not yet proven by a read.
struct doubt {
  enum class phase {
    in_flight,   ///< leased, possibly sent, no answer yet
    unanswered,  ///< ended without a definite answer; may still be applied by the API
    proving,     ///< a later PATCH succeeded; must be read back, not before `not_before`
  };
  phase at = phase::in_flight;
  std::vector<std::string> fields;  ///< each may hold any of the values ever asked for
  instant not_before{0};            ///< proving: earliest moment of the read-back
  slot_number slot = 0;             ///< in_flight: the slot of the attempt
};

/// A refusal that stands until it is retried, the row changes, or it is dropped.
struct dead_letter {
  std::string job;
  std::string key;
  std::string id;  ///< the API's id, empty if unknown
  drop_number drop = 0;
  std::string file;  ///< the drop's name as delivered
  std::int64_t line = 0;
  std::string column;  ///< header name, empty if the refusal names no field
  std::string field;
  std::string code;     ///< VALIDATION_ERROR, RETRIES_EXHAUSTED, NOT_APPLIED, …
  std::string message;  ///< never holds a sensitive value
  std::string request_id;
  int attempts = 0;  ///< how often this refusal was repeated, 1 = once
  wall_time since{};
  wall_time next_retry{};

  friend bool operator==(const dead_letter&, const dead_letter&) = default;
};

/// One customer of one job with everything that delivery or intake must know of it.
struct customer_levels {
  std::string job;
  std::string key;  ///< how the ERP names it
  std::string id;   ///< how the API names it; empty: forgotten (404), must be resolved again
  field_values acknowledged;         ///< a missing field is unknown, which is not null
  field_values echoed;               ///< the API's own form where it differs from `acknowledged`
  field_values waived;               ///< ERP values that an operator refused
  std::optional<wanted_row> wanted;  ///< the newest admitted row, while not settled
  std::optional<patchbay::doubt> in_doubt;
  std::vector<dead_letter> dead;

  [[nodiscard]] bool settled() const { return !wanted && !in_doubt; }
};

/// The wanted fields that differ from `acknowledged`, or are in doubt: the content of a PATCH.
/// In doubt without a wanted value: the acknowledged value is asked for again.
[[nodiscard]] field_values fields_to_send(const customer_levels& customer);

[[nodiscard]] bool same_values(const field_values& a, const field_values& b);
/// With `newer` in place of its wanted row the customer would be sent the very same: what the API
/// said of the one, it says of the other.
[[nodiscard]] bool repeats_itself(const customer_levels& customer, const wanted_row& newer);

}  // namespace patchbay
