// A line set in a folder of its own, and short ways to ask it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>

#include <doctest/doctest.h>

#include "patchbay/adapter/store/line_set_file.hpp"
#include "temp_folder.hpp"

namespace patchbay::testing {

constexpr std::size_t record = 64;

inline known_line line_of(std::uint64_t customer, std::uint64_t version = 0) {
  return {{1, customer * 1000 + version}, {2, customer * 1000 + version}, {3, customer}};
}

/// A set whose store's generation the test sets.
struct set_bench {
  temp_folder folder;
  std::int64_t generation = 0;

  [[nodiscard]] std::filesystem::path path() const { return folder.path() / "erp.lines"; }
  line_set_options options(const std::string& store_id = "store-1") {
    line_set_options made;
    made.path = path();
    made.store_id = store_id;
    made.generation = [this] { return generation; };
    return made;
  }
  line_set_file open(const std::string& store_id = "store-1") {
    return line_set_file(options(store_id));
  }
  [[nodiscard]] std::string bytes() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void put_back(const std::string& bytes) const { folder.write("erp.lines", bytes); }
};

inline void insert(line_set& set, const known_line& line) {
  REQUIRE(set.insert(std::span(&line, 1)).has_value());
}
inline void remove(line_set& set, std::uint64_t customer) {
  const fingerprint print = line_of(customer).customer;
  REQUIRE(set.remove(std::span(&print, 1)).has_value());
}
inline bool holds(const line_set& set, const known_line& line) {
  const auto at = set.find(line.line);
  if (!at) return false;
  const auto same = set.find_customer(line.customer);
  return *at < set.size() && same == at && set.has_values(*at, line.canonical);
}

}  // namespace patchbay::testing
