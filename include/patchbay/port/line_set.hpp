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
  fingerprint canonical;  ///< seeded hash of customer and canonical mapped values
  fingerprint customer;   ///< seeded hash of the key
};

class line_set {
 public:
  virtual ~line_set() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Index (0 … size()-1) of the entry with this line. Thread-safe while nobody writes.
  [[nodiscard]] virtual std::optional<std::size_t> find(fingerprint line) const = 0;
  [[nodiscard]] virtual std::optional<std::size_t> find_customer(fingerprint customer) const = 0;
  [[nodiscard]] virtual known_line at(std::size_t index) const = 0;
  /// Durable (fsynced) on return; customers that are not in the set are no error.
  virtual result<void> remove(std::span<const fingerprint> customers) = 0;
  /// Adds or replaces; need not be durable on return. Only after the settle is durable.
  virtual result<void> insert(std::span<const known_line> lines) = 0;
};

}  // namespace patchbay
