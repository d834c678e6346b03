// What a sync would pick up now, in the order in which it would: for the dry run, which claims
// nothing. Loop thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "patchbay/policy/drop_order.hpp"

namespace patchbay {

/// `record`: as the store has it, or as a claim would register it.
struct queued_drop {
  drop_record record;
  std::filesystem::path path;
  result<std::optional<drop_marker>> marker = std::optional<drop_marker>();
};

/// Claimed, approved and waiting drops. Of snapshots the newest that can be read alone.
class drop_queue {
 public:
  drop_queue(std::vector<queued_drop> drops, std::vector<drop_record> known, drop_mode mode);

  /// nullptr: no more. Valid until the queue is gone.
  [[nodiscard]] const queued_drop* next();
  /// Whether it may be taken in, the ones before it having ended as was told.
  [[nodiscard]] order_verdict order_of(const queued_drop& drop) const;
  void ended(const queued_drop& drop, drop_state how);

 private:
  std::vector<queued_drop> drops_;
  std::vector<drop_record> known_;
  std::size_t at_ = 0;
  bool snapshots_;
  bool counted_ = false;  ///< a snapshot could be read: the older ones do not count
};

/// `named`: this file alone.
[[nodiscard]] result<drop_queue> queue_drops(composition& built, const service_job& job,
                                             const std::optional<std::filesystem::path>& named);

}  // namespace patchbay
