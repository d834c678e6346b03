#include "line_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "patchbay/model/fingerprint.hpp"

namespace patchbay {
namespace {

constexpr std::string_view magic = "patchbay table 1";
constexpr std::size_t page = 4096;
constexpr std::size_t store_id_bytes = 32;
/// Three quarters full: 5.4 bytes a customer and index, two probes.
constexpr std::size_t slots_for(std::size_t count) {
  return count + count / 3 + 1;
}

/// The first page. `sum` covers everything after it, `own_sum` the header before itself.
struct table_header {
  std::array<char, 16> magic;
  std::array<char, store_id_bytes> store_id;
  std::uint64_t count;
  std::uint64_t slots;
  std::int64_t generation;
  std::uint64_t sum;
  std::uint64_t own_sum;

  [[nodiscard]] std::uint64_t sum_of_itself() const {
    return checksum({reinterpret_cast<const char*>(this), offsetof(table_header, own_sum)});
  }
};

std::array<char, store_id_bytes> padded(std::string_view id) {
  std::array<char, store_id_bytes> made{};
  std::copy_n(id.begin(), std::min(id.size(), made.size()), made.begin());
  return made;
}

std::size_t file_bytes(std::size_t count, std::size_t slots) {
  constexpr std::size_t entry = sizeof(fingerprint) + 2 * (sizeof(std::uint64_t) + 2);
  return page + count * entry + 2 * slots * sizeof(std::uint32_t);
}

fault unusable(std::string why) {
  return {"LINES_UNUSABLE", std::move(why)};
}

}  // namespace

line_table::line_table(line_table&& other) noexcept {
  *this = std::move(other);
}

line_table& line_table::operator=(line_table&& other) noexcept {
  if (this == &other) return *this;
  unmap();
  map_ = std::exchange(other.map_, nullptr);
  map_bytes_ = std::exchange(other.map_bytes_, 0);
  if (map_ != nullptr) bind(map_, other.count_, other.slots_);
  id_ = std::exchange(other.id_, 0);
  generation_ = std::exchange(other.generation_, 0);
  other.count_ = 0;
  return *this;
}

line_table::~line_table() {
  unmap();
}

void line_table::unmap() {
  if (map_ != nullptr) ::munmap(map_, map_bytes_);
  map_ = nullptr;
  count_ = 0;
}

/// Widest first, so that all are aligned.
void line_table::bind(char* begin, std::size_t count, std::size_t slots) {
  count_ = count;
  slots_ = slots;
  index_bits_ = static_cast<unsigned>(std::bit_width(count));
  char* at = begin + page;
  const auto section = [&at]<class T>(T*& into, std::size_t entries) {
    into = reinterpret_cast<T*>(at);
    at += entries * sizeof(T);
  };
  section(lines_, count);
  section(customers_low_, count);
  section(values_low_, count);
  section(by_line_, slots);
  section(by_customer_, slots);
  section(customers_high_, count);
  section(values_high_, count);
}

result<line_table> line_table::open(const std::filesystem::path& path, std::string_view store_id) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return unusable(std::string("its table cannot be opened: ") + std::strerror(errno));
  struct stat about {};
  const bool sized = ::fstat(file, &about) == 0 && about.st_size >= std::int64_t{page};
  const std::size_t bytes = sized ? static_cast<std::size_t>(about.st_size) : 0;
  void* const mapped = sized ? ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  ::close(file);
  if (mapped == MAP_FAILED) return unusable("its table is cut off or cannot be mapped");
  line_table table;
  table.map_ = static_cast<char*>(mapped);
  table.map_bytes_ = bytes;
  table_header header{};
  std::memcpy(&header, table.map_, sizeof header);
  const bool ours =
      std::string_view(header.magic.data(), header.magic.size()) == magic &&
      header.store_id == padded(store_id) && header.own_sum == header.sum_of_itself() &&
      header.count < (std::uint64_t{1} << 31U) && header.slots == slots_for(header.count) &&
      bytes == file_bytes(header.count, header.slots);
  if (!ours) return unusable("its table belongs to another state or version, or is damaged");
  ::madvise(table.map_, bytes, MADV_WILLNEED);
  if (checksum({table.map_ + page, bytes - page}) != header.sum) {
    return unusable("its table is damaged");
  }
  table.bind(table.map_, header.count, header.slots);
  table.id_ = header.sum;
  table.generation_ = header.generation;
  return table;
}

known_line line_table::at(std::size_t index) const {
  return {lines_[index],
          {values_high_[index], values_low_[index]},
          {customers_high_[index], customers_low_[index]}};
}

std::size_t line_table::slot_of(std::uint64_t hash) const {
  __extension__ using wide = unsigned __int128;
  return static_cast<std::size_t>((static_cast<wide>(hash) * slots_) >> 64U);
}

/// The bits of a slot that the entry's number leaves free: most strangers are known by them.
std::uint32_t line_table::tag_of(std::uint64_t hash) const {
  return static_cast<std::uint32_t>(hash) << index_bits_;
}

template <class Matches>
std::optional<std::size_t> line_table::probe(const std::uint32_t* index, std::uint64_t hash,
                                             Matches matches) const {
  if (count_ == 0) return std::nullopt;
  const std::uint32_t number = (std::uint32_t{1} << index_bits_) - 1;
  const std::uint32_t tag = tag_of(hash);
  for (std::size_t slot = slot_of(hash); index[slot] != 0;) {
    const std::uint32_t held = index[slot];
    if ((held & ~number) == tag && matches((held & number) - 1)) return (held & number) - 1;
    if (++slot == slots_) slot = 0;
  }
  return std::nullopt;
}

std::optional<std::size_t> line_table::find(fingerprint line) const {
  return probe(by_line_, line.low, [&](std::size_t at) { return lines_[at] == line; });
}

std::optional<std::size_t> line_table::find_customer(fingerprint customer) const {
  const fingerprint wanted = shortened(customer);
  return probe(by_customer_, wanted.low, [&](std::size_t at) { return is_of(at, wanted); });
}

void line_table::find_each(std::span<const fingerprint> lines,
                           std::span<std::size_t> places) const {
  constexpr std::size_t group = 32;
  const std::uint32_t number = count_ == 0 ? 0 : (std::uint32_t{1} << index_bits_) - 1;
  for (std::size_t begin = 0; begin < lines.size(); begin += group) {
    const std::size_t end = std::min(lines.size(), begin + group);
    if (count_ == 0) {
      std::fill(places.begin() + static_cast<std::ptrdiff_t>(begin),
                places.begin() + static_cast<std::ptrdiff_t>(end), line_set::nowhere);
      continue;
    }
    for (std::size_t i = begin; i < end; ++i) __builtin_prefetch(&by_line_[slot_of(lines[i].low)]);
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t held = by_line_[slot_of(lines[i].low)];
      if (held != 0) __builtin_prefetch(&lines_[(held & number) - 1]);
    }
    for (std::size_t i = begin; i < end; ++i) {
      places[i] = find(lines[i]).value_or(line_set::nowhere);
    }
  }
}

line_table_writer::line_table_writer(std::filesystem::path path, std::string_view store_id,
                                     std::size_t count)
    : path_(std::move(path)), store_id_(store_id) {
  const std::string aside = path_.string() + ".new";
  const std::size_t slots = slots_for(count);
  const std::size_t bytes = file_bytes(count, slots);
  file_ =
      ::open(aside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  // Allocated at once: a full disk is told here, not by a signal in the middle.
  if (file_ < 0 || (error_ = ::posix_fallocate(file_, 0, static_cast<off_t>(bytes))) != 0) {
    if (file_ < 0) error_ = errno;
    return;
  }
  void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (mapped == MAP_FAILED) {
    error_ = errno;
    return;
  }
  table_.map_ = static_cast<char*>(mapped);
  table_.map_bytes_ = bytes;
  table_.bind(table_.map_, count, slots);
}

line_table_writer::~line_table_writer() {
  if (file_ >= 0) ::close(file_);
}

void line_table_writer::add(const known_line& line) {
  if (error_ != 0) return;
  if (added_ == table_.count_) {
    error_ = EOVERFLOW;
    return;
  }
  const fingerprint customer = shortened(line.customer);
  const fingerprint values = shortened(line.canonical);
  table_.lines_[added_] = line.line;
  table_.customers_low_[added_] = customer.low;
  table_.customers_high_[added_] = static_cast<std::uint16_t>(customer.high);
  table_.values_low_[added_] = values.low;
  table_.values_high_[added_] = static_cast<std::uint16_t>(values.high);
  fill(table_.by_line_, line.line.low, added_);
  fill(table_.by_customer_, customer.low, added_);
  ++added_;
}

void line_table_writer::fill(std::uint32_t* index, std::uint64_t hash, std::size_t entry) {
  std::size_t slot = table_.slot_of(hash);
  while (index[slot] != 0) {
    if (++slot == table_.slots_) slot = 0;
  }
  index[slot] = table_.tag_of(hash) | static_cast<std::uint32_t>(entry + 1);
}

fault line_table_writer::failure(const char* doing) const {
  return {"STATE_NOT_WRITTEN",
          std::string("cannot ") + doing + " " + path_.string() + ": " + std::strerror(error_)};
}

result<void> line_table_writer::finish(std::int64_t generation) {
  if (error_ == 0 && added_ != table_.count_) error_ = EINVAL;
  if (error_ != 0) return failure("write");
  table_header header{};
  std::copy(magic.begin(), magic.end(), header.magic.begin());
  header.store_id = padded(store_id_);
  header.count = table_.count_;
  header.slots = table_.slots_;
  header.generation = generation;
  header.sum = checksum({table_.map_ + page, table_.map_bytes_ - page});
  header.own_sum = header.sum_of_itself();
  std::memcpy(table_.map_, &header, sizeof header);
  const bool written = ::msync(table_.map_, table_.map_bytes_, MS_SYNC) == 0 &&
                       ::fsync(file_) == 0 &&
                       ::rename((path_.string() + ".new").c_str(), path_.c_str()) == 0;
  const int folder = written ? ::open(path_.parent_path().c_str(), O_RDONLY | O_CLOEXEC) : -1;
  const bool durable = folder >= 0 && ::fsync(folder) == 0;
  if (!durable) error_ = errno;
  if (folder >= 0) ::close(folder);
  if (!durable) return failure("write");
  return {};
}

}  // namespace patchbay
