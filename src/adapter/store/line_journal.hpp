// The bytes of a line set's journal: a header that names store and table, then records of 64 bytes,
// each with a checksum. Private to adapter/store. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/port/line_set.hpp"

namespace patchbay::line_journal {

constexpr std::size_t header_bytes = 64;
constexpr std::size_t record_bytes = 64;

/// Which table the journal goes on from.
struct table_name {
  std::uint64_t id = 0;  ///< 0: none
  char letter = '\0';    ///< of its file
};

[[nodiscard]] std::string header_of(std::string_view store_id, table_name table);
/// nullopt: of another store or version.
[[nodiscard]] std::optional<table_name> read_header(std::string_view bytes,
                                                    std::string_view store_id);

struct set_record {
  known_line line;
  std::int64_t generation = 0;
  bool removed = false;
};
[[nodiscard]] std::string record_of(const set_record& one);
/// nullopt: damaged. `bytes`: at least one record.
[[nodiscard]] std::optional<set_record> read_record(std::string_view bytes);

}  // namespace patchbay::line_journal
