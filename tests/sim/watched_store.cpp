#include "watched_store.hpp"

namespace patchbay::sim {

std::vector<op_result> watched_delivery::commit(std::span<const delivery_op> ops, instant now) {
  std::vector<op_result> made;
  try {
    made = inner_.commit(ops, now);
  } catch (const store_error&) {
    if (ears_.on_lost) ears_.on_lost(ops);
    throw;
  }
  if (!ears_.on_committed) return made;
  for (std::size_t i = 0; i < ops.size(); ++i) ears_.on_committed(ops[i], made[i]);
  return made;
}

void watched_intake::learn(std::string_view job, std::span<const learned_customer> customers) {
  inner_.learn(job, customers);
  if (!ears_.on_learned) return;
  for (const learned_customer& one : customers) ears_.on_learned(job, one);
}

void watched_intake::stage(std::string_view job, drop_number drop,
                           std::span<const staged_row> rows) {
  inner_.stage(job, drop, rows);
  for (const staged_row& row : rows) staged_[drop].insert(row.key);
}

void watched_intake::admit(drop_number drop, const totals& planned, wall_time now) {
  inner_.admit(drop, planned, now);
  if (ears_.on_admitted) ears_.on_admitted(drop, staged_[drop]);
  staged_.erase(drop);
}

void watched_intake::unstage(drop_number drop) {
  inner_.unstage(drop);
  staged_.erase(drop);
}

}  // namespace patchbay::sim
