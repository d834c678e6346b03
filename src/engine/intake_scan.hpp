// The hot loop: fingerprints raw records, sets the known lines of settled customers apart, and
// parses only the rest. Private to engine/; everything here runs on the rows lane, one call at a
// time, and its results are read on the loop thread between calls.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drop_sampler.hpp"
#include "intake_ledger.hpp"
#include "intake_rows.hpp"
#include "patchbay/model/fingerprint.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/mapping.hpp"
#include "patchbay/port/drop_reader.hpp"
#include "patchbay/port/line_set.hpp"
#include "patchbay/port/seal.hpp"

namespace patchbay::intake {

/// What one call found.
struct scanned {
  std::vector<parsed_row> rows;      ///< new ones, also those that cannot be mapped
  std::vector<reject_entry> unread;  ///< rows of which not even the key is known
  bool at_end = false;
  std::optional<fault> failed;    ///< the drop as a whole
  std::int64_t rows_so_far = 0;   ///< of the drop
  std::int64_t bytes_so_far = 0;  ///< of its file
};

struct scan_parts {
  const drop_opener& opener;
  const line_set& lines;
  const seal& sealing;
  std::string file;    ///< the drop's name as delivered, for refusals
  bool learns = true;  ///< false: rewritten() is not kept, nothing will be admitted
};

class drop_scan {
 public:
  explicit drop_scan(scan_parts parts, std::string secret)
      : parts_(std::move(parts)), prints_(secret) {}

  /// Opens and binds the mapping to the header.
  [[nodiscard]] result<void> open(const std::filesystem::path& path, const job_spec& job);
  /// Goes on until a few thousand new rows have gathered, many were read, or the end.
  [[nodiscard]] scanned read_some();

  [[nodiscard]] const drop_reader& reader() const { return *reader_; }
  [[nodiscard]] bool opened() const { return reader_ != nullptr; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t superseded() const { return superseded_; }
  [[nodiscard]] std::int64_t unchanged() const { return unchanged_; }
  [[nodiscard]] settled_lines& seen() { return seen_; }
  /// Known values in new bytes: the lines that stand for them from now on, by place in the set.
  [[nodiscard]] const std::vector<std::pair<std::size_t, known_line>>& rewritten() const {
    return rewritten_;
  }
  [[nodiscard]] drop_profile profile() const { return sampler_.profile(rows_); }
  [[nodiscard]] std::string digest() const;  ///< hex, of the header and all records in order

 private:
  void look_up();
  void judge(std::size_t place, scanned& found);
  void read_into(scanned& found);
  void read_row(const raw_record& record, fingerprint print, scanned& found);
  [[nodiscard]] bool only_rewritten(std::int64_t line, fingerprint print);
  void parse(const raw_record& record, fingerprint print, scanned& found);
  void note_unchanged(std::size_t index, std::int64_t line);
  void veil(parsed_row& row) const;
  void fold(fingerprint print);
  [[nodiscard]] bool is_cut_off(const raw_record& record, const row_fault& why) const;
  static void tell_cut_off(reject_entry& row);
  [[nodiscard]] reject_entry refusal_of(const raw_record& record, const row_fault& why) const;

  scan_parts parts_;
  fingerprinter prints_;
  std::unique_ptr<drop_reader> reader_;
  std::optional<bound_mapping> mapping_;
  drop_sampler sampler_;
  // The records at hand, their fingerprints, and where the line set has them.
  record_batch batch_;
  std::vector<fingerprint> lines_;
  std::vector<std::size_t> places_;
  std::size_t expected_ = 0;
  std::vector<std::size_t> columns_;  ///< the cells on which a row depends
  cell_bytes cells_;
  std::size_t next_customer_ = 0;  ///< in the line set, when the order is that of the last drop
  settled_lines seen_;
  std::vector<std::pair<std::size_t, known_line>> rewritten_;
  fingerprint digest_;
  // The same bytes mean something else under another header or mapping: both are part of a line's
  // fingerprint, so that a line known from before is not found any more.
  fingerprint of_mapping_;
  fingerprint of_header_;
  std::int64_t rows_ = 0;
  std::int64_t superseded_ = 0;
  std::int64_t unchanged_ = 0;
};

}  // namespace patchbay::intake
