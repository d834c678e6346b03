// From the cells of a record to the canonical values of a customer. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/field.hpp"
#include "patchbay/model/levels.hpp"

namespace patchbay {

/// A cell that cannot become a value. `column` is the header's name.
struct cell_fault {
  std::string column;
  std::string field;
  std::string code;     ///< CELL_NOT_A_NUMBER, CELL_NOT_A_DATE, KEY_EMPTY, EMAIL_INVALID, …
  std::string message;  ///< says what was expected; shows the cell unless it is sensitive
};

struct mapped_row {
  std::string key;
  field_values fields;  ///< plain values; fields about which the row says nothing are absent
  std::vector<cell_fault> faults;  ///< not empty: the row is rejected
};

using json_canonicaliser = result<value> (*)(std::string_view text);

/// A mapping bound to the header of one drop.
class bound_mapping {
 public:
  /// COLUMN_MISSING, COLUMN_DUPLICATE: the drop is malformed; names the column and the nearest.
  [[nodiscard]] static result<bound_mapping> bind(const mapping_spec& spec,
                                                  std::span<const std::string> header,
                                                  json_canonicaliser json);
  [[nodiscard]] mapped_row map(std::span<const std::string> cells) const;
  [[nodiscard]] const mapping_spec& spec() const { return *spec_; }
  /// Places in the header of every cell on which a row depends: the key's first, then the fields'
  /// in their order.
  [[nodiscard]] std::vector<std::size_t> columns() const;
  /// The key, when it is plain enough to be taken as it is; nullopt: map() finds it.
  [[nodiscard]] std::optional<std::string_view> plain_key(std::string_view cell) const;

 private:
  struct source {
    std::vector<std::size_t> cells;
  };
  const mapping_spec* spec_ = nullptr;  ///< outlives the bound mapping
  std::size_t key_cell_ = 0;
  std::vector<source> sources_;  ///< parallel to spec_->fields
  std::vector<std::string> header_;
  json_canonicaliser json_ = nullptr;
};

}  // namespace patchbay
