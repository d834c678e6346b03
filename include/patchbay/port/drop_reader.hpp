// Reads one drop as raw records: the hot loop fingerprints the bytes, only records that are new
// are split into cells. Blocking; one thread. Opened by descriptor, never follows a symlink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/fault.hpp"

namespace patchbay {

/// One record without its line end.
struct raw_record {
  std::string_view bytes;
  std::int64_t line = 0;  ///< physical line on which it begins, header = 1
};

/// Some records in order, and the bytes they point into. Given to next() again and again, it keeps
/// its room.
struct record_batch {
  std::vector<char> bytes;
  std::vector<raw_record> records;
  bool unended = false;  ///< the last record is the file's last, and has no line end
};

/// Why a record cannot be read. `cell` is the zero-based cell, where one is to blame.
struct row_fault {
  std::string code;  ///< CSV_RAGGED, CSV_ENCODING, CSV_QUOTE, CSV_NUL, CSV_CELL_TOO_LONG, …
  std::string message;
  std::optional<std::size_t> cell;
  bool too_few = false;  ///< CSV_RAGGED: cells are missing at its end
};
[[noreturn]] void throw_exception_from_error(const row_fault& error, const boost::source_location&);

/// Some cells of a record, unquoted, in the drop's encoding. Given to cells_of() again and again,
/// it keeps its room.
struct cell_bytes {
  std::string text;                     ///< each cell after its length: equal texts, equal cells
  std::vector<std::string_view> cells;  ///< all of the record, still quoted
  std::string_view first;               ///< in `text`: the first of the cells asked for
};

class drop_reader {
 public:
  virtual ~drop_reader() = default;
  /// Header names in UTF-8, blanks around them trimmed. Empty: the file has no header.
  [[nodiscard]] virtual const std::vector<std::string>& header() const = 0;
  [[nodiscard]] virtual std::string_view raw_header() const = 0;
  /// Replaces `batch` by the next records; one without records is the end. A fault concerns the
  /// drop as a whole (CSV_UNCLOSED_QUOTE, DROP_CHANGED, CSV_LINE_TOO_LONG).
  [[nodiscard]] virtual result<void> next(record_batch& batch) = 0;
  /// The record's cells in UTF-8, as many as the header has.
  [[nodiscard]] virtual boost::system::result<std::vector<std::string>, row_fault> split(
      std::string_view record) const = 0;
  /// The cells of `columns` (places in the header) in that order, the quick way: two records that
  /// are only written differently give the same text. False: split() says why it cannot be read.
  [[nodiscard]] virtual bool cells_of(std::string_view record, std::span<const std::size_t> columns,
                                      cell_bytes& into) const = 0;
  [[nodiscard]] virtual std::int64_t size_bytes() const = 0;
  [[nodiscard]] virtual std::int64_t read_bytes() const = 0;
  /// False when size, mtime, ctime or inode are no longer what they were at opening.
  [[nodiscard]] virtual bool unchanged_on_disk() const = 0;
};

class drop_opener {
 public:
  virtual ~drop_opener() = default;
  /// DROP_MISSING, DROP_UNSAFE, DROP_EMPTY, CSV_HEADER_DUPLICATE, … concern the whole drop.
  [[nodiscard]] virtual result<std::unique_ptr<drop_reader>> open(
      const std::filesystem::path& path) const = 0;
};

}  // namespace patchbay
