// One open drop: reads blocks, hands out raw records, splits the ones that differ. Memory is one
// block, or the longest record where that is longer. Private to adapter/csv; one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "byte_source.hpp"
#include "cell_encoding.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/port/drop_reader.hpp"
#include "quick_cells.hpp"
#include "record_cells.hpp"
#include "record_scan.hpp"

namespace patchbay {

/// Owns a descriptor.
class open_file {
 public:
  explicit open_file(int descriptor) : descriptor_(descriptor) {}
  open_file(open_file&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  open_file& operator=(open_file&&) = delete;
  ~open_file();
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// What a reader begins with.
struct opened_csv {
  open_file file;
  struct stat as_opened;
  std::unique_ptr<byte_source> source;  ///< reads from `file`
};

class csv_drop_reader final : public drop_reader {
 public:
  struct manner {
    csv_spec dialect;
    cell_encoding encoding;
    input_limits limits;
    std::size_t block_bytes;
  };
  csv_drop_reader(opened_csv file, manner how);

  /// Reads the header; DROP_EMPTY and every fault of a header concern the whole drop.
  [[nodiscard]] result<void> begin();

  [[nodiscard]] const std::vector<std::string>& header() const override { return header_; }
  [[nodiscard]] std::string_view raw_header() const override { return raw_header_; }
  [[nodiscard]] result<void> next(record_batch& batch) override;
  [[nodiscard]] boost::system::result<std::vector<std::string>, row_fault> split(
      std::string_view record) const override;
  [[nodiscard]] bool cells_of(std::string_view record, std::span<const std::size_t> columns,
                              cell_bytes& into) const override {
    return quick_.cells_of(record, columns, into);
  }
  [[nodiscard]] std::int64_t size_bytes() const override { return opened_.st_size; }
  [[nodiscard]] std::int64_t read_bytes() const override { return source_->read_of_file(); }
  [[nodiscard]] bool unchanged_on_disk() const override;

 private:
  [[nodiscard]] result<void> read_on(record_batch& batch);
  [[nodiscard]] result<std::size_t> fill(std::vector<char>& bytes, std::size_t filled);
  [[nodiscard]] result<std::size_t> byte_order_mark(std::string_view bytes) const;
  [[nodiscard]] result<void> check_end() const;
  [[nodiscard]] fault too_long(std::int64_t line) const;
  [[nodiscard]] boost::system::result<std::vector<std::string>, row_fault> decoded(
      std::string_view record, std::size_t expected) const;

  open_file file_;
  struct stat opened_;
  std::unique_ptr<byte_source> source_;
  csv_spec dialect_;
  cell_encoding encoding_;
  input_limits limits_;
  record_scan scan_;
  record_cells cells_;
  quick_cells quick_;
  std::size_t block_bytes_;
  std::vector<char> tail_;  ///< bytes after the last record that was handed out
  record_batch first_;      ///< what was read with the header
  bool begun_ = false;
  bool at_end_ = false;
  std::vector<std::string> header_;
  std::string raw_header_;
};

}  // namespace patchbay
