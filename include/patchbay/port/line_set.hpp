// The set of current lines of settled customers: a record whose fingerprint is in it is
// unchanged, without parsing. A cache: losing it costs a slow run and nothing else; a wrong entry
// would lose a change, so a line leaves it (durably) before the admit that changes its customer
// commits, and enters only after the settle is durable. One per job, owner process only writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/levels.hpp"

namespace patchbay {

struct known_line {
  fingerprint line;       ///< seeded hash of the raw record
  fingerprint canonical;  ///< seeded hash of the cells that the mapping reads
  fingerprint customer;   ///< seeded hash of the key
};

class line_set {
 public:
  virtual ~line_set() = default;
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Place (0 … size()-1) of the entry with this line. Thread-safe while nobody writes.
  [[nodiscard]] virtual std::optional<std::size_t> find(fingerprint line) const = 0;
  /// `likely`: where it may well be, when the order is that of the last drop.
  [[nodiscard]] virtual std::optional<std::size_t> find_customer(
      fingerprint customer, std::size_t likely = nowhere) const = 0;
  /// `places[i]` := where `lines[i]` is, or nowhere: as find() for each, and much quicker.
  /// `expected`: where the first one is likely to be; afterwards, where the next one is.
  virtual void find_each(std::span<const fingerprint> lines, std::span<std::size_t> places,
                         std::size_t& expected) const = 0;
  /// True when the entry's values have this canonical fingerprint.
  [[nodiscard]] virtual bool has_values(std::size_t index, fingerprint canonical) const = 0;
  /// Durable (fsynced) on return; customers that are not in the set are no error.
  virtual result<void> remove(std::span<const fingerprint> customers) = 0;
  /// Adds or replaces; need not be durable on return. Only after the settle is durable.
  virtual result<void> insert(std::span<const known_line> lines) = 0;
};

}  // namespace patchbay
