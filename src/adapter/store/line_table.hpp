// The settled part of a line set as one flat file that is mapped, never loaded: 36 bytes a customer
// and two indexes, less than 48 together. In the order in which customers were first seen, which is
// the order of most exports: the next line is mostly the next entry, and no index is asked.
// Written once and whole; what changes afterwards stands in the journal of line_set_file. Private
// to adapter/store. Reading: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/port/line_set.hpp"

namespace patchbay {

/// Of customer and values 80 bits are kept: two of ten million collide once in 10^10 states, and
/// then a row is only read again. The line itself keeps its 128.
[[nodiscard]] inline fingerprint shortened(fingerprint print) {
  return {print.high & 0xFFFFU, print.low};
}

class line_table {
 public:
  line_table() = default;  ///< without entries
  line_table(line_table&& other) noexcept;
  line_table& operator=(line_table&& other) noexcept;
  ~line_table();

  /// Maps and verifies. The fault's message says why it cannot be used; a missing file is one.
  [[nodiscard]] static result<line_table> open(const std::filesystem::path& path,
                                               std::string_view store_id);

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::uint64_t id() const { return id_; }  ///< a checksum; 0: without entries
  [[nodiscard]] std::int64_t generation() const { return generation_; }
  /// Customer and values as shortened.
  [[nodiscard]] known_line at(std::size_t index) const;
  [[nodiscard]] bool is_of(std::size_t index, fingerprint customer) const {
    return customers_low_[index] == customer.low &&
           customers_high_[index] == shortened(customer).high;
  }
  [[nodiscard]] fingerprint line_at(std::size_t index) const { return lines_[index]; }
  [[nodiscard]] std::optional<std::size_t> find(fingerprint line) const;
  [[nodiscard]] std::optional<std::size_t> find_customer(fingerprint customer) const;
  /// `places[i]` := where `lines[i]` is, or nowhere. Hides the latency of memory by asking for
  /// many at once.
  void find_each(std::span<const fingerprint> lines, std::span<std::size_t> places) const;

 private:
  friend class line_table_writer;
  struct sections;

  void bind(char* begin, std::size_t count, std::size_t slots);
  void unmap();
  [[nodiscard]] std::uint32_t tag_of(std::uint64_t hash) const;
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const;
  template <class Matches>
  [[nodiscard]] std::optional<std::size_t> probe(const std::uint32_t* index, std::uint64_t hash,
                                                 Matches matches) const;

  char* map_ = nullptr;
  std::size_t map_bytes_ = 0;
  std::size_t count_ = 0;
  std::size_t slots_ = 0;
  unsigned index_bits_ = 0;  ///< of a slot: entry number plus one; the rest is a tag
  std::uint64_t id_ = 0;
  std::int64_t generation_ = 0;
  fingerprint* lines_ = nullptr;
  std::uint64_t* customers_low_ = nullptr;
  std::uint64_t* values_low_ = nullptr;
  std::uint16_t* customers_high_ = nullptr;
  std::uint16_t* values_high_ = nullptr;
  std::uint32_t* by_line_ = nullptr;
  std::uint32_t* by_customer_ = nullptr;
};

/// Writes a table beside `path` and puts it there, durably, in finish().
class line_table_writer {
 public:
  /// `count`: how many entries will be added.
  line_table_writer(std::filesystem::path path, std::string_view store_id, std::size_t count);
  ~line_table_writer();
  line_table_writer(const line_table_writer&) = delete;
  line_table_writer& operator=(const line_table_writer&) = delete;

  void add(const known_line& line);
  /// STATE_NOT_WRITTEN, also of what went wrong before.
  [[nodiscard]] result<void> finish(std::int64_t generation);

 private:
  [[nodiscard]] fault failure(const char* doing) const;
  void fill(std::uint32_t* index, std::uint64_t hash, std::size_t entry);

  std::filesystem::path path_;
  std::string store_id_;
  line_table table_;
  std::size_t added_ = 0;
  int file_ = -1;
  int error_ = 0;  ///< errno of the first failure
};

}  // namespace patchbay
