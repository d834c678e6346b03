// In which order drops count, and whether one may be taken in now. Deltas build on each other:
// one that comes too late, after a gap, or behind one that is not decided would leave the levels
// wrong. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "patchbay/model/drop.hpp"

namespace patchbay {

/// By the markers' sequence, else their as-of time, else the file's name with its numbers read as
/// numbers (customers_9 before customers_10). Only what both drops say is compared.
[[nodiscard]] bool comes_before(const drop_record& one, const drop_record& other);

enum class drop_standing {
  in_order,
  older,   ///< than one that is admitted: DROP_OLDER
  gap,     ///< the sequence jumps: DROP_GAP
  behind,  ///< one that is held, failed or not read yet: DROP_WAITS
};

struct order_verdict {
  drop_standing standing = drop_standing::in_order;
  std::string other;  ///< the drop that stands in the way; empty: in order
  drop_state other_state = drop_state::admitted;
  std::int64_t expected = 0;  ///< gap: the sequence that would come next
};

/// `known`: all drops of the job, `drop` may be among them. Corrections have no order; of
/// snapshots only an older sequence or as-of time counts, for their names may be anything.
[[nodiscard]] order_verdict judge_order(const drop_record& drop,
                                        std::span<const drop_record> known);

/// What an operator reads, beginning with the code; empty when it is in order.
[[nodiscard]] std::string order_in_words(const order_verdict& verdict);

/// Held only for a gap: let go by itself once the gap is closed.
[[nodiscard]] bool waits_for_gap(const drop_record& drop);

}  // namespace patchbay
