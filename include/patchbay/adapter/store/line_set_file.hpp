// The fingerprint set of one job: a flat mapped table, and beside it a journal of checksummed
// 64-byte records of what changed since the table was written; both bound to the store's id and
// generation. Anything that is not exactly the store's (damaged, truncated, of another or a younger
// state) is discarded: that costs a slow run and nothing else. Memory: what the journal holds, and
// the pages of the table that are touched. remove() and insert() on the store's lane; find() from
// any while nobody writes. Format: docs/formats.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "patchbay/port/line_set.hpp"

namespace patchbay {

class line_table;

struct line_set_options {
  std::filesystem::path path;  ///< empty: in memory
  std::string store_id;
  /// sqlite_store::generation(job), now. Each admit that changes a customer comes after a
  /// remove(), which leaves a mark, so that an older file is known as such.
  std::function<std::int64_t()> generation;
  bool read_only = false;  ///< beside the owner: never writes
  /// A set of fewer lines is a journal alone.
  std::size_t table_from = 16'384;
};

class line_set_file final : public line_set {
 public:
  /// Never fails: see discarded().
  explicit line_set_file(line_set_options options);
  ~line_set_file() override;

  /// Why the file on disk was not used; empty when it was, or when there was none.
  [[nodiscard]] const std::string& discarded() const { return discarded_; }

  std::size_t size() const override;
  std::optional<std::size_t> find(fingerprint line) const override;
  std::optional<std::size_t> find_customer(fingerprint customer,
                                           std::size_t likely = nowhere) const override;
  void find_each(std::span<const fingerprint> lines, std::span<std::size_t> places,
                 std::size_t& expected) const override;
  bool has_values(std::size_t index, fingerprint canonical) const override;
  /// Customer and values shortened, as they are kept.
  [[nodiscard]] known_line at(std::size_t index) const;
  result<void> remove(std::span<const fingerprint> customers) override;
  result<void> insert(std::span<const known_line> lines) override;

 private:
  struct by_low {
    std::size_t operator()(const fingerprint& print) const { return print.low; }
  };
  using place_map = std::unordered_map<fingerprint, std::size_t, by_low>;

  void load();
  void refuse(std::string why);
  void bar(std::span<const fingerprint> customers, std::int64_t generation);
  void put(const known_line& line);
  void take(const fingerprint& customer);
  [[nodiscard]] std::size_t find_since(fingerprint line) const;
  [[nodiscard]] bool crowded(std::size_t share) const;
  [[nodiscard]] std::filesystem::path table_path(char letter) const;
  void for_each_live(const std::function<void(const known_line&)>& visit) const;
  void use(line_table table, char letter);
  [[nodiscard]] result<void> append(const std::string& records, bool durable);
  [[nodiscard]] result<void> rewrite();
  [[nodiscard]] result<void> write_table(std::int64_t generation, char letter);
  [[nodiscard]] result<void> write_journal(std::int64_t generation);
  [[nodiscard]] fault disk_fault(const char* doing) const;

  line_set_options options_;
  std::string discarded_;
  std::unique_ptr<line_table> table_;
  char letter_ = '\0';      ///< of the table's file; the next one gets the other letter
  std::vector<bool> gone_;  ///< entries of the table that were removed or replaced since
  std::size_t live_in_table_ = 0;
  // Since the table was written; places follow those of the table.
  std::vector<known_line> lines_;
  std::vector<std::size_t> free_;
  place_map by_line_;
  place_map by_customer_;
  std::unordered_set<fingerprint, by_low> barred_;  ///< removed for an admit that is to come
  std::int64_t barred_at_ = -1;                     ///< at which generation
  std::size_t records_ = 0;                         ///< in the file, live or not
  int file_ = -1;
};

}  // namespace patchbay
