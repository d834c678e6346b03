#include "patchbay/adapter/store/line_set_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "patchbay/model/fingerprint.hpp"

namespace patchbay {
namespace {

constexpr std::string_view magic = "patchbay lines 1";
constexpr std::size_t header_bytes = 64;
constexpr std::size_t record_bytes = 64;
constexpr std::size_t checked_bytes = record_bytes - sizeof(std::uint64_t);
constexpr std::uint64_t removal = std::uint64_t{1} << 63U;

/// customer, line, canonical, generation (highest bit: removal), checksum of all before.
std::string record_of(const known_line& line, std::int64_t generation, bool removed) {
  std::string bytes(record_bytes, '\0');
  const std::uint64_t mark = static_cast<std::uint64_t>(generation) | (removed ? removal : 0);
  std::memcpy(bytes.data(), &line.customer, 16);
  std::memcpy(bytes.data() + 16, &line.line, 16);
  std::memcpy(bytes.data() + 32, &line.canonical, 16);
  std::memcpy(bytes.data() + 48, &mark, 8);
  const std::uint64_t sum = checksum(std::string_view(bytes).substr(0, checked_bytes));
  std::memcpy(bytes.data() + checked_bytes, &sum, sizeof sum);
  return bytes;
}

struct set_record {
  known_line line;
  std::int64_t generation = 0;
  bool removed = false;
};

/// nullopt: damaged.
std::optional<set_record> read_record(std::string_view bytes) {
  std::uint64_t sum = 0;
  std::memcpy(&sum, bytes.data() + checked_bytes, sizeof sum);
  if (sum != checksum(bytes.substr(0, checked_bytes))) return std::nullopt;
  set_record read;
  std::uint64_t mark = 0;
  std::memcpy(&read.line.customer, bytes.data(), 16);
  std::memcpy(&read.line.line, bytes.data() + 16, 16);
  std::memcpy(&read.line.canonical, bytes.data() + 32, 16);
  std::memcpy(&mark, bytes.data() + 48, 8);
  read.generation = static_cast<std::int64_t>(mark & ~removal);
  read.removed = (mark & removal) != 0;
  return read;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::int64_t now_of(const line_set_options& options) {
  return options.generation ? options.generation() : 0;
}

}  // namespace

line_set_file::line_set_file(line_set_options options) : options_(std::move(options)) {
  if (!options_.path.empty()) load();
}

line_set_file::~line_set_file() {
  if (file_ >= 0) ::close(file_);
}

std::string line_set_file::header() const {
  std::string bytes(magic);
  bytes += options_.store_id;
  bytes.resize(header_bytes, '\0');
  return bytes;
}

void line_set_file::refuse(std::string why) {
  discarded_ = std::move(why);
  lines_.clear();
  free_.clear();
  by_line_.clear();
  by_customer_.clear();
  records_ = 0;
}

void line_set_file::load() {
  std::ifstream in(options_.path, std::ios::binary);
  if (!in) return;
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (bytes.size() < header_bytes || bytes.substr(0, header_bytes) != header()) {
    return refuse("it belongs to another state or version");
  }
  const std::int64_t store_generation = now_of(options_);
  std::int64_t newest = 0;
  for (std::size_t at = header_bytes; at + record_bytes <= bytes.size(); at += record_bytes) {
    const std::optional<set_record> read = read_record(std::string_view(bytes).substr(at));
    if (!read) return refuse("a record is damaged");
    // A removal is written before its admit, for the generation that the admit will make.
    if (read->generation > store_generation + (read->removed ? 1 : 0)) {
      return refuse("it is younger than the store, which was restored from a backup");
    }
    newest = std::max(newest, read->generation);
    ++records_;
    if (read->removed) {
      take(read->line.customer);
    } else {
      put(read->line);
    }
  }
  // A torn last record can only be an insert, or a removal whose admit never committed.
  if ((bytes.size() - header_bytes) % record_bytes != 0) return refuse("its last record is torn");
  // Every admit that changes a customer leaves its mark here first.
  if (newest < store_generation) refuse("it is older than the store");
}

std::optional<std::size_t> line_set_file::find(fingerprint line) const {
  const auto found = by_line_.find(line);
  if (found == by_line_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::size_t> line_set_file::find_customer(fingerprint customer) const {
  const auto found = by_customer_.find(customer);
  if (found == by_customer_.end()) return std::nullopt;
  return found->second;
}

void line_set_file::put(const known_line& line) {
  take(line.customer);
  std::size_t where = lines_.size();
  if (free_.empty()) {
    lines_.push_back(line);
  } else {
    where = free_.back();
    free_.pop_back();
    lines_[where] = line;
  }
  by_line_[line.line] = where;
  by_customer_[line.customer] = where;
}

void line_set_file::take(const fingerprint& customer) {
  const auto found = by_customer_.find(customer);
  if (found == by_customer_.end()) return;
  const std::size_t where = found->second;
  by_customer_.erase(found);
  const auto line = by_line_.find(lines_[where].line);
  if (line != by_line_.end() && line->second == where) by_line_.erase(line);
  free_.push_back(where);
}

result<void> line_set_file::remove(std::span<const fingerprint> customers) {
  if (customers.empty()) return {};
  const std::int64_t generation = now_of(options_);
  bar(customers, generation);
  std::string records;
  for (const fingerprint& customer : customers) {
    if (!by_customer_.contains(customer)) continue;
    records += record_of({{}, {}, customer}, generation + 1, true);
    take(customer);
  }
  // Even where nobody leaves: the mark of the admit that follows.
  if (records.empty()) records = record_of({{}, {}, customers.front()}, generation + 1, true);
  return append(records, true);
}

void line_set_file::bar(std::span<const fingerprint> customers, std::int64_t generation) {
  if (generation != barred_at_) barred_.clear();
  barred_at_ = generation;
  barred_.insert(customers.begin(), customers.end());
}

result<void> line_set_file::insert(std::span<const known_line> lines) {
  const std::int64_t generation = now_of(options_);
  std::string records;
  for (const known_line& line : lines) {
    // Settled between the removal and its admit: the admit will make this line an old one.
    if (generation == barred_at_ && barred_.contains(line.customer)) continue;
    put(line);
    records += record_of(line, generation, false);
  }
  if (records.empty()) return {};
  return append(records, false);
}

fault line_set_file::disk_fault(const char* doing) const {
  return {"STATE_NOT_WRITTEN", std::string("cannot ") + doing + " " + options_.path.string() +
                                   ": " + std::strerror(errno)};
}

result<void> line_set_file::append(const std::string& records, bool durable) {
  if (options_.path.empty() || options_.read_only) return {};
  constexpr std::size_t small = 4096;
  const std::size_t live = by_customer_.size();
  if (file_ < 0 || records_ > 2 * live + small) {
    const result<void> fresh = rewrite();
    if (!fresh) return fresh;
  }
  if (!write_all(file_, records)) return disk_fault("append to");
  records_ += records.size() / record_bytes;
  if (durable && ::fsync(file_) != 0) return disk_fault("sync");
  return {};
}

result<void> line_set_file::rewrite() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  std::error_code ignored;
  std::filesystem::create_directories(options_.path.parent_path(), ignored);
  const std::string fresh = options_.path.string() + ".new";
  const int made = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                          S_IRUSR | S_IWUSR);
  if (made < 0) return disk_fault("create");
  const std::int64_t generation = now_of(options_);
  std::string bytes = header();
  bool fine = true;
  std::size_t written = 0;
  for (const auto& [customer, where] : by_customer_) {
    bytes += record_of(lines_[where], generation, false);
    ++written;
    constexpr std::size_t block = 1U << 20U;
    if (bytes.size() < block) continue;
    fine = fine && write_all(made, bytes);
    bytes.clear();
  }
  if (barred_at_ == generation) bytes += record_of({}, generation + 1, true);
  fine = fine && write_all(made, bytes) && ::fsync(made) == 0;
  fine = fine && ::rename(fresh.c_str(), options_.path.c_str()) == 0;
  const int folder = fine ? ::open(options_.path.parent_path().c_str(), O_RDONLY | O_CLOEXEC) : -1;
  fine = fine && folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!fine) {
    const fault why = disk_fault("write");
    ::close(made);
    return why;
  }
  file_ = made;
  records_ = written;
  return {};
}

}  // namespace patchbay
