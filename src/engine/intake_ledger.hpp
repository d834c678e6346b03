// What became of each customer's latest row of a drop, so that a later row can overtake an earlier
// one at any stage, and the totals always balance. A row costs an entry of fixed size, and only
// rows that are not known lines have one; the changes lie in the plan's spool, the refusals are
// held. Private to engine/; loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "intake_rows.hpp"
#include "patchbay/model/drop.hpp"
#include "patchbay/port/line_set.hpp"
#include "patchbay/port/plan_spool.hpp"
#include "settled_lines.hpp"

namespace patchbay::intake {

enum class row_fate {
  waiting,     ///< not compared yet
  unchanged,   ///< no PATCH is needed
  changed,     ///< staged with the admit
  rejected,    ///< cannot be read, mapped or resolved
  unresolved,  ///< --offline: nobody can say
  overtaken,   ///< a later known line of the customer stands instead
};

struct ledger_entry {
  std::int64_t line = 0;
  row_fate fate = row_fate::waiting;
  bool known = false;      ///< the store knew the customer before this drop
  bool created = false;    ///< first seen, found at the API
  bool not_found = false;  ///< first seen, not found
  bool invalid = false;    ///< could not be read or mapped
  bool waived = false;
  bool enters_set = false;  ///< unchanged and settled: its line may enter the line set
  std::size_t slot = 0;     ///< of the change, or of the refusal
  fingerprint line_print;
  fingerprint canonical_print;
};

/// What is known of a change without its spooled rest.
struct change_head {
  std::string key;
  std::int64_t line = 0;
  std::uint64_t place = 0;  ///< in the spool
  std::uint32_t bytes = 0;  ///< 0: overtaken by a later row
  row_class counted = row_class::pending;
  bool changes_wanted = false;
  bool was_pending = false;
};

/// How many changes a field has, and how many of them clear it.
struct field_changes {
  std::int64_t changes = 0;
  std::int64_t clears = 0;
};

class row_ledger {
 public:
  /// Before the first change; the ledger owns it from then on.
  void keep_in(std::unique_ptr<plan_spool> spool) { spool_ = std::move(spool); }

  /// A row of a customer arrives; an earlier one of the same customer is superseded.
  void claim(const parsed_row& row);
  /// The entry in which this row still counts; nullptr: it was overtaken meanwhile.
  [[nodiscard]] ledger_entry* entry_of(const parsed_row& row);
  [[nodiscard]] ledger_entry* entry_of(fingerprint customer);

  void set_unchanged(ledger_entry& entry, const parsed_row& row, bool enters_set);
  void set_changed(ledger_entry& entry, const planned_change& change);
  void set_rejected(ledger_entry& entry, std::vector<reject_entry> why);
  void set_unresolved(ledger_entry& entry) { entry.fate = row_fate::unresolved; }
  /// A row without a key: it overtakes nobody.
  void reject_unread(reject_entry why);

  /// At the end: of a customer's known line and its other row, the later one stands.
  void reconcile(const line_set& lines, settled_lines& seen);
  /// A budget is exceeded: rows that change wanted are held.
  void hold() { held_ = true; }

  /// `read` rows in all, of which `unchanged_lines` are known lines that still count.
  [[nodiscard]] totals count(std::int64_t read) const;
  /// Customers of this drop that the store knew, known lines not counted.
  [[nodiscard]] std::int64_t known_beside(const line_set& lines, const settled_lines& seen) const;

  void superseded_lines(std::int64_t rows) { superseded_ += rows; }
  void unchanged_lines(std::int64_t rows) { unchanged_lines_ += rows; }
  /// In the order of the drop; valid until the ledger changes.
  [[nodiscard]] std::vector<const change_head*> changes() const;
  [[nodiscard]] planned_change load(const change_head& head) const;
  [[nodiscard]] const std::map<std::string, field_changes>& by_field() const { return by_field_; }
  [[nodiscard]] std::vector<const reject_entry*> rejects() const;
  void for_each(const std::function<void(fingerprint, const ledger_entry&)>& visit) const;
  [[nodiscard]] std::int64_t unread() const { return unread_count_; }

 private:
  struct by_low {
    std::size_t operator()(const fingerprint& print) const { return print.low; }
  };
  void undo(ledger_entry& entry);
  void count_fields(const planned_change& change, std::int64_t by);

  std::unordered_map<fingerprint, ledger_entry, by_low> entries_;
  std::vector<change_head> changes_;
  std::map<std::string, field_changes> by_field_;
  std::unique_ptr<plan_spool> spool_;
  std::vector<std::vector<reject_entry>> rejects_;
  std::vector<reject_entry> unread_;
  std::int64_t unread_count_ = 0;
  std::int64_t superseded_ = 0;
  std::int64_t unchanged_lines_ = 0;
  bool held_ = false;
};

/// Refused rows without a key that are kept to be shown; the rest are only counted.
constexpr std::size_t most_unread_shown = 100'000;

}  // namespace patchbay::intake
