// Splits one raw record into cells, for the rows that differ. First a walk of our own proves that
// the record is well formed (libfccp would throw, or join cells, where it is not) and counts the
// cells; then libfccp chops and unquotes them. Its delimiter and quote are template parameters:
// a dialect of other characters is turned into `,` and `"` by exchanging bytes before, and turned
// back in each cell (docs/decisions/0009-libfccp-run-time-dialect.md). Private to adapter/csv.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/job.hpp"
#include "patchbay/port/drop_reader.hpp"

namespace patchbay {

using row_result = boost::system::result<std::size_t, row_fault>;
using raw_cells = boost::system::result<std::vector<std::string>, row_fault>;

class record_cells {
 public:
  record_cells(const csv_spec& dialect, const input_limits& limits)
      : delimiter_(dialect.delimiter),
        quote_(dialect.quote),
        escape_(dialect.escape),
        limits_(limits) {}

  /// The cells, unquoted, still in the drop's encoding. `expected`: 0 for the header (any
  /// number). CSV_NUL, CSV_QUOTE, CSV_CELL_TOO_LONG, CSV_TOO_MANY_COLUMNS, CSV_RAGGED.
  [[nodiscard]] raw_cells split(std::string_view record, std::size_t expected) const;

 private:
  [[nodiscard]] row_result count(std::string_view record) const;
  [[nodiscard]] row_result end_of_cell(std::string_view record, std::size_t begin,
                                       std::size_t cell) const;
  [[nodiscard]] raw_cells split_plain(std::string_view record, std::size_t expected) const;
  [[nodiscard]] std::string without_escapes(std::string_view record) const;
  void exchange_bytes(std::string& text) const;

  char delimiter_;
  char quote_;
  char escape_;
  input_limits limits_;
};

}  // namespace patchbay
