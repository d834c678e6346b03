#include "record_cells.hpp"

#include <limits>  // libfccp's header forgets it

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#define CSV_IO_NO_THREAD
#include <libfccp/csv.h>
#pragma GCC diagnostic pop

#include <utility>

namespace patchbay {
namespace {

constexpr char compiled_delimiter = ',';
constexpr char compiled_quote = '"';

template <class QuotePolicy>
std::vector<std::string> chop(std::string& text, std::size_t cells) {
  std::vector<std::string> out;
  out.reserve(cells);
  char* rest = text.data();
  while (rest != nullptr) {
    char* begin = nullptr;
    char* end = nullptr;
    io::detail::chop_next_column<QuotePolicy>(rest, begin, end);
    QuotePolicy::unescape(begin, end);
    out.emplace_back(begin, end);
  }
  return out;
}

void exchange(std::string& text, char one, char other) {
  if (one == other) return;
  for (char& c : text) {
    if (c == one) {
      c = other;
    } else if (c == other) {
      c = one;
    }
  }
}

row_fault ragged(std::size_t found, std::size_t expected) {
  return {
      "CSV_RAGGED",
      "the row has " + std::to_string(found) + " cells, the header has " + std::to_string(expected),
      std::nullopt, found < expected};
}

}  // namespace

/// After the two exchanges the dialect's delimiter is a comma and its quote a double quote; the
/// exchange is undone by the same two in reverse order.
void record_cells::exchange_bytes(std::string& text) const {
  exchange(text, delimiter_, compiled_delimiter);
}

raw_cells record_cells::split(std::string_view record, std::size_t expected) const {
  if (escape_ == '\0') return split_plain(record, expected);
  return split_plain(without_escapes(record), expected);
}

/// The same cells in the dialect without escapes: an escaped character stands in quotes, which are
/// doubled where they are characters.
std::string record_cells::without_escapes(std::string_view record) const {
  std::string out;
  std::string cell;
  bool escaped = false;  // the cell holds what must stand in quotes
  bool quoted = false;   // it began with a quote of its own
  bool inside = false;
  const auto end_cell = [this, &out, &cell, &escaped, &quoted] {
    const bool wrap = escaped && !quoted && quote_ != '\0';
    if (wrap) out += quote_;
    out += cell;
    if (wrap) out += quote_;
    cell.clear();
    escaped = quoted = false;
  };
  for (std::size_t at = 0; at < record.size(); ++at) {
    const char c = record[at];
    if (c == escape_ && at + 1 < record.size()) {
      const char taken = record[++at];
      if (taken == quote_) cell += quote_;
      cell += taken;
      escaped = true;
    } else if (c == delimiter_ && !inside) {
      end_cell();
      out += delimiter_;
    } else {
      if (c == quote_ && quote_ != '\0') {
        if (cell.empty()) quoted = true;
        if (quoted) inside = !inside;
      }
      cell += c;
    }
  }
  end_cell();
  return out;
}

raw_cells record_cells::split_plain(std::string_view record, std::size_t expected) const {
  if (const std::size_t nul = record.find('\0'); nul != std::string_view::npos) {
    return row_fault{"CSV_NUL", "the row holds a NUL byte at its byte " + std::to_string(nul + 1),
                     std::nullopt};
  }
  const row_result counted = count(record);
  if (!counted) return counted.error();
  if (expected != 0 && *counted != expected) return ragged(*counted, expected);
  std::string text(record);
  exchange_bytes(text);
  const char moved_quote = quote_ == compiled_delimiter ? delimiter_ : quote_;
  const bool quoted = quote_ != '\0';
  if (quoted) exchange(text, moved_quote, compiled_quote);
  std::vector<std::string> cells =
      quoted ? chop<io::double_quote_escape<compiled_delimiter, compiled_quote>>(text, *counted)
             : chop<io::no_quote_escape<compiled_delimiter>>(text, *counted);
  for (std::string& cell : cells) {
    if (quoted) exchange(cell, moved_quote, compiled_quote);
    exchange_bytes(cell);
  }
  return cells;
}

row_result record_cells::count(std::string_view record) const {
  std::size_t cells = 0;
  std::size_t begin = 0;
  while (true) {
    const row_result end = end_of_cell(record, begin, cells);
    if (!end) return end.error();
    if (*end - begin > static_cast<std::size_t>(limits_.cell_bytes)) {
      return row_fault{"CSV_CELL_TOO_LONG",
                       "the cell has " + std::to_string(*end - begin) + " bytes, the limit is " +
                           std::to_string(limits_.cell_bytes) + " (limits.cell)",
                       cells};
    }
    ++cells;
    if (cells > static_cast<std::size_t>(limits_.columns)) {
      return row_fault{
          "CSV_TOO_MANY_COLUMNS",
          "the row has more than " + std::to_string(limits_.columns) + " cells (limits.columns)",
          std::nullopt};
    }
    if (*end == record.size()) return cells;
    begin = *end + 1;
  }
}

/// Where the cell that begins at `begin` ends: at a delimiter or at the end of the record.
row_result record_cells::end_of_cell(std::string_view record, std::size_t begin,
                                     std::size_t cell) const {
  const std::size_t plain = std::min(record.find(delimiter_, begin), record.size());
  if (quote_ == '\0') return plain;
  if (begin >= record.size() || record[begin] != quote_) {
    if (record.substr(begin, plain - begin).find(quote_) == std::string_view::npos) return plain;
    return row_fault{"CSV_QUOTE",
                     "a quote stands inside a cell that is not quoted: quote the cell and double "
                     "the quote",
                     cell};
  }
  std::size_t at = begin + 1;
  while (true) {
    at = record.find(quote_, at);
    if (at == std::string_view::npos) {
      return row_fault{"CSV_QUOTE", "the quoted cell is not closed", cell};
    }
    if (at + 1 < record.size() && record[at + 1] == quote_) {
      at += 2;
      continue;
    }
    ++at;
    if (at == record.size() || record[at] == delimiter_) return at;
    return row_fault{"CSV_QUOTE", "something follows the closing quote of the cell", cell};
  }
}

}  // namespace patchbay
