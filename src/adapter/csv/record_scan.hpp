// Cuts a window of bytes into records, quote-aware, 64 bytes at a time: the hot loop of intake.
// A quote opens only at the beginning of a cell (RFC 4180); anywhere else it is a character, so a
// stray one cannot swallow the lines after it. Knows no file: the window is somebody else's.
// Private to adapter/csv; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "patchbay/model/job.hpp"
#include "patchbay/port/drop_reader.hpp"

namespace patchbay {

constexpr std::size_t scan_block_bytes = 64;

/// What the scan remembers between windows. A record that the window cuts is begun again.
struct scan_place {
  std::int64_t line = 1;        ///< physical line on which the next record begins
  bool after_cr = false;        ///< the record before ended with CR: an LF belongs to it
  bool in_quotes = false;       ///< as of the end of the window
  std::int64_t quote_line = 0;  ///< where that quote was opened
};

struct block_marks;

class record_scan {
 public:
  explicit record_scan(const csv_spec& dialect)
      : delimiter_(dialect.delimiter),
        quote_(dialect.quote),
        escape_(dialect.escape),
        comment_(dialect.comment) {}

  /// Appends the complete records (blank lines are skipped). The window must be readable up to the
  /// next full block after its end. Returns how many bytes are done with; at the end of the file
  /// (`last`) the final record needs no line end, unless a quote is open.
  [[nodiscard]] std::size_t cut(std::string_view window, bool last,
                                std::vector<raw_record>& records);
  [[nodiscard]] const scan_place& place() const { return place_; }

 private:
  struct walk;
  /// Byte by byte: for dialects whose escapes or comments decide what a quote is.
  [[nodiscard]] std::size_t cut_slowly(walk& at);
  [[nodiscard]] bool pass_comment(walk& at, std::size_t& position);
  [[nodiscard]] bool pass_quoted(walk& at, std::size_t& position);
  [[nodiscard]] bool cut_regular(walk& at, std::size_t block, const block_marks& found);
  void visit(walk& at, std::size_t position);
  void visit_quote(walk& at, std::size_t position);
  void end_record(walk& at, std::size_t position);

  char delimiter_;
  char quote_;
  char escape_;
  char comment_;
  scan_place place_;
};

}  // namespace patchbay
