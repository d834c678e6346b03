// The store as intake sees it: which customers are known, what they hold, and the way of a drop
// from claimed to admitted. Blocking, called on the store's lane. Every call that changes
// something is one durable transaction. A disk error is thrown as store_error and ends the
// process with 74; it is never worked around.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/model/drop.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

/// The store's engine failed (disk, lock, damage). Reaches only main; exit 74.
struct store_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct store_identity {
  std::string id;               ///< random, made once with the state
  std::int64_t generation = 0;  ///< grows with every admit; binds caches to this very store
  std::string secret;           ///< 32 random bytes: seeds the fingerprints
};

/// What a read of the API said of one customer: becomes id and acknowledged.
struct learned_customer {
  std::string key;
  std::string id;             ///< empty: the API no longer has it, and what was known is forgotten
  field_values acknowledged;  ///< the fields that were read (merged into what is known)
};

/// One changed customer of a drop. `wanted.drop` is the drop it is staged for.
struct staged_row {
  std::string key;
  std::string id;
  wanted_row wanted;
  field_values baseline;  ///< unreadable fields (veiled) acknowledged unsent with the admit
  field_values waived;    ///< replaces the customer's waived values
};

class intake_store {
 public:
  virtual ~intake_store() = default;
  [[nodiscard]] virtual store_identity identity() = 0;

  /// Gives the new drop its number (growing). `record.number` is ignored.
  virtual drop_number register_drop(const drop_record& record) = 0;
  /// Replaces everything of the drop but its totals' delivery counters while it is admitted.
  virtual void update_drop(const drop_record& record) = 0;
  /// All drops of the job (all jobs when empty), oldest first.
  [[nodiscard]] virtual std::vector<drop_record> drops(std::string_view job) = 0;

  /// The customers among `keys` that are known, in any order.
  [[nodiscard]] virtual std::vector<customer_levels> lookup(std::string_view job,
                                                            std::span<const std::string> keys) = 0;
  /// (id, key) of the customers of the job that own one of the ids.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> owners(
      std::string_view job, std::span<const std::string> ids) = 0;
  /// Keys of the job's customers behind `after`, in their order, at most `most`.
  [[nodiscard]] virtual std::vector<std::string> keys_after(std::string_view job,
                                                            std::string_view after,
                                                            std::size_t most) = 0;
  [[nodiscard]] virtual std::int64_t known_customers(std::string_view job) = 0;

  /// Id and acknowledged as a read of the API said. True from now on, whatever becomes of the drop.
  virtual void learn(std::string_view job, std::span<const learned_customer> customers) = 0;
  /// A sorted group of changed rows, invisible until the drop is admitted.
  virtual void stage(std::string_view job, drop_number drop, std::span<const staged_row> rows) = 0;
  /// The flip, one transaction: staged rows become wanted, rows of older drops of the same
  /// customers become superseded, dead letters of the changed customers go, generation grows,
  /// the drop's totals are set (`pending` as planned) and its state becomes admitted.
  virtual void admit(drop_number drop, const totals& planned, wall_time now) = 0;
  /// Forgets what was staged for a drop that is not admitted.
  virtual void unstage(drop_number drop) = 0;
  /// The rows that intake refused, kept for reports.
  virtual void save_rejects(drop_number drop, std::span<const reject_entry> rejects) = 0;

  /// customer_group code → id, cached; empty string: known not to exist.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> groups() = 0;
  virtual void save_groups(std::span<const std::pair<std::string, std::string>> groups) = 0;
};

}  // namespace patchbay
