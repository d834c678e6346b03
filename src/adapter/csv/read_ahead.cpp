#include "read_ahead.hpp"

#include <utility>

namespace patchbay {
namespace {

constexpr std::size_t most_ahead = 4;  ///< batches: some megabytes

}  // namespace

read_ahead::read_ahead(std::unique_ptr<drop_reader> reader) : reader_(std::move(reader)) {
  worker_ = std::thread([this] { work(); });
}

read_ahead::~read_ahead() {
  {
    const std::lock_guard lock(guard_);
    leaving_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

/// A batch to fill, once there is room ahead; nullopt: nobody wants any more.
std::optional<record_batch> read_ahead::room() {
  std::unique_lock lock(guard_);
  changed_.wait(lock, [this] { return leaving_ || ready_.size() < most_ahead; });
  if (leaving_) return std::nullopt;
  if (empty_.empty()) return record_batch{};
  record_batch batch = std::move(empty_.front());
  empty_.pop_front();
  return batch;
}

void read_ahead::work() {
  bool more = true;
  while (more) {
    std::optional<record_batch> batch = room();
    if (!batch) return;
    read one{std::move(*batch), {}, 0};
    std::exception_ptr failed;
    try {
      one.said = reader_->next(one.batch);
    } catch (...) {
      failed = std::current_exception();
    }
    one.read_bytes = reader_->read_bytes();
    more = !failed && one.said && !one.batch.records.empty();
    {
      const std::lock_guard lock(guard_);
      failed_ = failed;
      ready_.push_back(std::move(one));
    }
    changed_.notify_all();
  }
}

result<void> read_ahead::next(record_batch& batch) {
  std::unique_lock lock(guard_);
  changed_.wait(lock, [this] { return !ready_.empty(); });
  read& one = ready_.front();
  taken_bytes_ = one.read_bytes;
  const bool last = !one.said || one.batch.records.empty() || failed_;
  if (last && ready_.size() == 1) {
    if (failed_) std::rethrow_exception(failed_);
    batch.records.clear();
    return one.said;  // and again, however often it is asked
  }
  std::swap(batch, one.batch);
  empty_.push_back(std::move(one.batch));
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return {};
}

}  // namespace patchbay
