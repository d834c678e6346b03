// The fingerprint set of one job as an append-only file of checksummed 64-byte records beside the
// store, bound to the store's id and generation. Anything that is not exactly the store's
// (damaged, truncated, of another or a younger state) is discarded: that costs a slow run and
// nothing else. remove() and insert() on the store's lane; find() from any while nobody writes.
// Downside: the whole set is held in memory while the job runs. Format: docs/formats.md.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "patchbay/port/line_set.hpp"

namespace patchbay {

struct line_set_options {
  std::filesystem::path path;  ///< empty: in memory
  std::string store_id;
  /// sqlite_store::generation(job), now. Each admit that changes a customer comes after a
  /// remove(), which leaves a mark, so that an older file is known as such.
  std::function<std::int64_t()> generation;
  bool read_only = false;  ///< beside the owner: never writes
};

class line_set_file final : public line_set {
 public:
  /// Never fails: see discarded().
  explicit line_set_file(line_set_options options);
  ~line_set_file() override;

  /// Why the file on disk was not used; empty when it was, or when there was none.
  [[nodiscard]] const std::string& discarded() const { return discarded_; }

  std::size_t size() const override { return lines_.size(); }
  std::optional<std::size_t> find(fingerprint line) const override;
  std::optional<std::size_t> find_customer(fingerprint customer) const override;
  known_line at(std::size_t index) const override { return lines_[index]; }
  result<void> remove(std::span<const fingerprint> customers) override;
  result<void> insert(std::span<const known_line> lines) override;

 private:
  struct by_low {
    std::size_t operator()(const fingerprint& print) const { return print.low; }
  };
  using places = std::unordered_map<fingerprint, std::size_t, by_low>;

  void load();
  void refuse(std::string why);
  void bar(std::span<const fingerprint> customers, std::int64_t generation);
  void put(const known_line& line);
  void take(const fingerprint& customer);
  [[nodiscard]] std::string header() const;
  [[nodiscard]] result<void> append(const std::string& records, bool durable);
  [[nodiscard]] result<void> rewrite();
  [[nodiscard]] fault disk_fault(const char* doing) const;

  line_set_options options_;
  std::string discarded_;
  std::vector<known_line> lines_;
  std::vector<std::size_t> free_;
  places by_line_;
  places by_customer_;
  std::unordered_set<fingerprint, by_low> barred_;  ///< removed for an admit that is to come
  std::int64_t barred_at_ = -1;                     ///< at which generation
  std::size_t records_ = 0;                         ///< in the file, live or not
  int file_ = -1;
};

}  // namespace patchbay
