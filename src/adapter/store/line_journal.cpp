#include "line_journal.hpp"

#include <cstring>

#include "patchbay/model/fingerprint.hpp"

namespace patchbay::line_journal {
namespace {

constexpr std::string_view magic = "patchbay lines 2";
constexpr std::size_t named_bytes = 48;  ///< magic and store
constexpr std::size_t letter_at = named_bytes + sizeof(std::uint64_t);
constexpr std::size_t checked_bytes = record_bytes - sizeof(std::uint64_t);
constexpr std::uint64_t removal = std::uint64_t{1} << 63U;

}  // namespace

std::string header_of(std::string_view store_id, table_name table) {
  std::string bytes(magic);
  bytes += store_id;
  bytes.resize(header_bytes, '\0');
  std::memcpy(bytes.data() + named_bytes, &table.id, sizeof table.id);
  bytes[letter_at] = table.letter;
  return bytes;
}

std::optional<table_name> read_header(std::string_view bytes, std::string_view store_id) {
  if (bytes.size() < header_bytes) return std::nullopt;
  table_name table;
  std::memcpy(&table.id, bytes.data() + named_bytes, sizeof table.id);
  table.letter = bytes[letter_at];
  if (bytes.substr(0, header_bytes) != header_of(store_id, table)) return std::nullopt;
  const bool named = table.letter == 'a' || table.letter == 'b';
  if (named != (table.id != 0) || (!named && table.letter != '\0')) return std::nullopt;
  return table;
}

/// customer, line, canonical, generation (highest bit: removal), checksum of all before.
std::string record_of(const set_record& one) {
  std::string bytes(record_bytes, '\0');
  const std::uint64_t mark =
      static_cast<std::uint64_t>(one.generation) | (one.removed ? removal : 0);
  std::memcpy(bytes.data(), &one.line.customer, 16);
  std::memcpy(bytes.data() + 16, &one.line.line, 16);
  std::memcpy(bytes.data() + 32, &one.line.canonical, 16);
  std::memcpy(bytes.data() + 48, &mark, 8);
  const std::uint64_t sum = checksum(std::string_view(bytes).substr(0, checked_bytes));
  std::memcpy(bytes.data() + checked_bytes, &sum, sizeof sum);
  return bytes;
}

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

}  // namespace patchbay::line_journal
