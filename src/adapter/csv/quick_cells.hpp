// Some cells of a well-formed record without an allocation: enough to see that a row is only
// written differently. Says nothing of what is wrong with a record; record_cells does. Private to
// adapter/csv; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "patchbay/model/job.hpp"
#include "patchbay/port/drop_reader.hpp"

namespace patchbay {

class quick_cells {
 public:
  quick_cells() = default;
  /// `expected`: cells of the header.
  quick_cells(const csv_spec& dialect, const input_limits& limits, std::size_t expected)
      : delimiter_(dialect.delimiter),
        quote_(dialect.quote),
        escapes_(dialect.escape != '\0'),
        most_bytes_(static_cast<std::size_t>(limits.cell_bytes)),
        expected_(expected) {}

  /// As drop_reader::cells_of().
  [[nodiscard]] bool cells_of(std::string_view record, std::span<const std::size_t> columns,
                              cell_bytes& into) const;

 private:
  [[nodiscard]] bool find_cells(std::string_view record, cell_bytes& into) const;
  [[nodiscard]] std::size_t end_of_quoted(std::string_view record, std::size_t begin) const;
  void append(std::string_view cell, std::string& text) const;

  char delimiter_ = ',';
  char quote_ = '"';
  bool escapes_ = false;  ///< such a dialect has no quick way
  std::size_t most_bytes_ = 0;
  std::size_t expected_ = 0;
};

}  // namespace patchbay
