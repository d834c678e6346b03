#include "intake_ledger.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "packed_change.hpp"

namespace patchbay::intake {

void row_ledger::claim(const parsed_row& row) {
  ledger_entry& entry = entries_[row.customer];
  if (entry.line != 0) {
    undo(entry);
    ++superseded_;
  }
  entry = {};
  entry.line = row.line;
  entry.line_print = row.line_print;
  entry.canonical_print = row.canonical_print;
}

ledger_entry* row_ledger::entry_of(const parsed_row& row) {
  ledger_entry* entry = entry_of(row.customer);
  return entry != nullptr && entry->line == row.line ? entry : nullptr;
}

ledger_entry* row_ledger::entry_of(fingerprint customer) {
  const auto found = entries_.find(customer);
  return found == entries_.end() ? nullptr : &found->second;
}

void row_ledger::undo(ledger_entry& entry) {
  if (entry.fate == row_fate::changed) {
    change_head& head = changes_[entry.slot];
    count_fields(load(head), -1);
    head.bytes = 0;
  }
  if (entry.fate == row_fate::rejected) rejects_[entry.slot].clear();
  entry.fate = row_fate::waiting;
}

void row_ledger::set_unchanged(ledger_entry& entry, const parsed_row& row, bool enters_set) {
  undo(entry);
  entry.fate = row_fate::unchanged;
  entry.enters_set = enters_set;
  entry.line_print = row.line_print;
  entry.canonical_print = row.canonical_print;
}

void row_ledger::set_changed(ledger_entry& entry, const planned_change& change) {
  undo(entry);
  entry.fate = row_fate::changed;
  entry.slot = changes_.size();
  const std::string bytes = pack(change);
  changes_.push_back({.key = change.staged.key,
                      .line = change.staged.wanted.line,
                      .place = spool_->append(bytes),
                      .bytes = static_cast<std::uint32_t>(bytes.size()),
                      .counted = change.staged.wanted.counted,
                      .changes_wanted = change.changes_wanted,
                      .was_pending = change.was_pending});
  count_fields(change, 1);
}

void row_ledger::count_fields(const planned_change& change, std::int64_t by) {
  if (!change.changes_wanted) return;
  for (const auto& [name, values] : change.shown.fields) by_field_[name].changes += by;
  for (const std::string& name : change.clears) by_field_[name].clears += by;
}

planned_change row_ledger::load(const change_head& head) const {
  std::string bytes(head.bytes, '\0');
  spool_->read(head.place, bytes);
  return unpack(bytes);
}

void row_ledger::set_rejected(ledger_entry& entry, std::vector<reject_entry> why) {
  undo(entry);
  entry.fate = row_fate::rejected;
  entry.slot = rejects_.size();
  rejects_.push_back(std::move(why));
}

void row_ledger::reject_unread(reject_entry why) {
  ++unread_count_;
  if (unread_.size() < most_unread_shown) unread_.push_back(std::move(why));
}

void row_ledger::reconcile(const line_set& lines, settled_lines& seen) {
  for (auto& [customer, entry] : entries_) {
    const std::optional<std::size_t> index = lines.find_customer(customer);
    if (!index || !seen.saw(*index)) continue;
    ++superseded_;
    if (seen.seen_after(*index) > entry.line) {
      undo(entry);
      entry.fate = row_fate::overtaken;
    } else {
      seen.forget(*index);
      --unchanged_lines_;
      entry.known = true;
    }
  }
}

totals row_ledger::count(std::int64_t read) const {
  totals made;
  made.read = read;
  made.superseded = superseded_;
  made.unchanged = unchanged_lines_;
  made.rejected = unread_count_;
  for (const auto& [customer, entry] : entries_) {
    switch (entry.fate) {
      case row_fate::unchanged:
        ++made.unchanged;
        break;
      case row_fate::rejected:
        ++made.rejected;
        break;
      case row_fate::waiting:
      case row_fate::unresolved:
        ++made.pending;
        break;
      case row_fate::overtaken:
        break;
      case row_fate::changed: {
        const change_head& change = changes_[entry.slot];
        const row_class counted = change.counted;
        if (counted == row_class::rejected) {
          ++made.rejected;
        } else if (held_ && change.changes_wanted) {
          ++made.held;
        } else if (held_ || counted == row_class::unchanged) {
          // What an older drop still owes is that drop's to count; this one sends nothing.
          ++made.unchanged;
        } else {
          ++made.pending;
        }
      }
    }
  }
  assert(made.balanced());
  return made;
}

std::int64_t row_ledger::known_beside(const line_set& lines, const settled_lines& seen) const {
  std::int64_t known = 0;
  for (const auto& [customer, entry] : entries_) {
    if (!entry.known) continue;
    const std::optional<std::size_t> index = lines.find_customer(customer);
    const bool counted_there = index && seen.saw(*index);
    if (!counted_there) ++known;
  }
  return known;
}

std::vector<const change_head*> row_ledger::changes() const {
  std::vector<const change_head*> live;
  for (const change_head& change : changes_) {
    if (change.bytes != 0) live.push_back(&change);
  }
  std::sort(live.begin(), live.end(),
            [](const change_head* a, const change_head* b) { return a->line < b->line; });
  return live;
}

std::vector<const reject_entry*> row_ledger::rejects() const {
  std::vector<const reject_entry*> all;
  for (const std::vector<reject_entry>& row : rejects_) {
    for (const reject_entry& one : row) all.push_back(&one);
  }
  for (const reject_entry& one : unread_) all.push_back(&one);
  std::stable_sort(all.begin(), all.end(),
                   [](const reject_entry* a, const reject_entry* b) { return a->line < b->line; });
  return all;
}

void row_ledger::for_each(
    const std::function<void(fingerprint, const ledger_entry&)>& visit) const {
  for (const auto& [customer, entry] : entries_) visit(customer, entry);
}

}  // namespace patchbay::intake
