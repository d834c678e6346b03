// What became of each customer's latest row of a drop, so that a later row can overtake an earlier
// one at any stage, and the totals always balance. Holds the changes and the refusals; unchanged
// rows cost one entry of fixed size. Memory grows with the rows that are not known lines. Private
// to engine/; loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "intake_rows.hpp"
#include "patchbay/model/drop.hpp"
#include "patchbay/port/line_set.hpp"
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

class row_ledger {
 public:
  /// A row of a customer arrives; an earlier one of the same customer is superseded.
  void claim(const parsed_row& row);
  /// The entry in which this row still counts; nullptr: it was overtaken meanwhile.
  [[nodiscard]] ledger_entry* entry_of(const parsed_row& row);
  [[nodiscard]] ledger_entry* entry_of(fingerprint customer);

  void set_unchanged(ledger_entry& entry, const parsed_row& row, bool enters_set);
  void set_changed(ledger_entry& entry, planned_change change);
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
  /// In the order of the drop.
  [[nodiscard]] std::vector<planned_change*> changes();
  [[nodiscard]] std::vector<const reject_entry*> rejects() const;
  void for_each(const std::function<void(fingerprint, const ledger_entry&)>& visit) const;
  [[nodiscard]] std::int64_t unread() const { return unread_count_; }

 private:
  struct by_low {
    std::size_t operator()(const fingerprint& print) const { return print.low; }
  };
  void undo(ledger_entry& entry);

  std::unordered_map<fingerprint, ledger_entry, by_low> entries_;
  std::vector<std::optional<planned_change>> changes_;
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
