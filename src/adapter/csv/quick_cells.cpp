#include "quick_cells.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace patchbay {

bool quick_cells::cells_of(std::string_view record, std::span<const std::size_t> columns,
                           cell_bytes& into) const {
  into.text.clear();
  if (escapes_ || !find_cells(record, into)) return false;
  for (const std::size_t column : columns) append(into.cells[column], into.text);
  constexpr std::size_t size = sizeof(std::uint64_t);
  if (columns.empty()) return true;
  std::uint64_t first = 0;
  into.text.copy(reinterpret_cast<char*>(&first), size);
  into.first = std::string_view(into.text).substr(size, first);
  return true;
}

bool quick_cells::find_cells(std::string_view record, cell_bytes& into) const {
  into.cells.clear();
  if (record.find('\0') != std::string_view::npos) return false;
  for (std::size_t begin = 0;;) {
    std::size_t end = 0;
    if (quote_ != '\0' && begin < record.size() && record[begin] == quote_) {
      end = end_of_quoted(record, begin);
      if (end == std::string_view::npos) return false;
    } else {
      end = std::min(record.find(delimiter_, begin), record.size());
      const std::string_view cell = record.substr(begin, end - begin);
      if (quote_ != '\0' && cell.find(quote_) != std::string_view::npos) return false;
    }
    if (end - begin > most_bytes_) return false;
    into.cells.push_back(record.substr(begin, end - begin));
    if (end == record.size()) return into.cells.size() == expected_;
    if (into.cells.size() == expected_) return false;
    begin = end + 1;
  }
}

/// One past the closing quote; npos where the cell is not closed, or goes on after it.
std::size_t quick_cells::end_of_quoted(std::string_view record, std::size_t begin) const {
  for (std::size_t at = begin + 1;;) {
    at = record.find(quote_, at);
    if (at == std::string_view::npos) return at;
    ++at;
    if (at == record.size() || record[at] == delimiter_) return at;
    if (record[at] != quote_) return std::string_view::npos;
    ++at;
  }
}

void quick_cells::append(std::string_view cell, std::string& text) const {
  const std::size_t place = text.size();
  std::uint64_t size = 0;
  text.append(reinterpret_cast<const char*>(&size), sizeof size);
  if (quote_ != '\0' && !cell.empty() && cell.front() == quote_) {
    cell = cell.substr(1, cell.size() - 2);
    for (std::size_t at = cell.find(quote_); at != std::string_view::npos; at = cell.find(quote_)) {
      text.append(cell.substr(0, at + 1));
      cell.remove_prefix(at + 2);
    }
  }
  text.append(cell);
  size = text.size() - place - sizeof size;
  text.replace(place, sizeof size, reinterpret_cast<const char*>(&size), sizeof size);
}

}  // namespace patchbay
