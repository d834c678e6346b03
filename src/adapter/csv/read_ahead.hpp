// Reads and cuts the next batches on a thread of its own while the last one is being compared, so
// that a large drop uses two cores. Batches come in the order of the file: quotes and line numbers
// are those of one reader. Owns its thread; the other calls are for one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "patchbay/port/drop_reader.hpp"

namespace patchbay {

class read_ahead final : public drop_reader {
 public:
  explicit read_ahead(std::unique_ptr<drop_reader> reader);
  ~read_ahead() override;

  [[nodiscard]] const std::vector<std::string>& header() const override {
    return reader_->header();
  }
  [[nodiscard]] std::string_view raw_header() const override { return reader_->raw_header(); }
  [[nodiscard]] result<void> next(record_batch& batch) override;
  [[nodiscard]] boost::system::result<std::vector<std::string>, row_fault> split(
      std::string_view record) const override {
    return reader_->split(record);
  }
  [[nodiscard]] bool cells_of(std::string_view record, std::span<const std::size_t> columns,
                              cell_bytes& into) const override {
    return reader_->cells_of(record, columns, into);
  }
  [[nodiscard]] std::int64_t size_bytes() const override { return reader_->size_bytes(); }
  [[nodiscard]] std::int64_t read_bytes() const override { return taken_bytes_; }
  [[nodiscard]] bool unchanged_on_disk() const override { return reader_->unchanged_on_disk(); }

 private:
  struct read {
    record_batch batch;
    result<void> said;
    std::int64_t read_bytes = 0;
  };

  void work();
  [[nodiscard]] std::optional<record_batch> room();

  std::unique_ptr<drop_reader> reader_;
  std::int64_t taken_bytes_ = 0;

  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<read> ready_;          ///< the last one is the end, or a fault
  std::deque<record_batch> empty_;  ///< given back, to be filled again
  std::exception_ptr failed_;
  bool leaving_ = false;
  std::thread worker_;
};

}  // namespace patchbay
