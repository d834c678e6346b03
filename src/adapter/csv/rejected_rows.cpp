#include "patchbay/adapter/csv/rejected_rows.hpp"

#include <string_view>
#include <vector>

#include "utf16_source.hpp"

namespace patchbay {
namespace {

constexpr const char* line_end = "\r\n";
constexpr std::string_view formula_begins = "=+-@\t\r";

/// A cell of ours in the drop's dialect. Other encodings get a question mark for what is not ASCII:
/// what is lost is in the report and in the dead letters.
std::string cell_of(std::string_view text, const csv_spec& dialect) {
  const bool utf8 = dialect.encoding == "utf-8" || is_utf16(dialect.encoding);
  std::string cell;
  if (dialect.quote != '\0') cell += dialect.quote;
  // A spreadsheet would take it for a formula (OWASP, CSV injection).
  if (!text.empty() && formula_begins.find(text.front()) != std::string_view::npos) cell += '\'';
  bool in_character = false;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    const bool goes_on = (code & 0xC0U) == 0x80U;
    if (!utf8 && code >= 0x80U) {
      if (!(in_character && goes_on)) cell += '?';
      in_character = true;
      continue;
    }
    in_character = false;
    const bool breaks = code < 0x20U || (dialect.quote == '\0' && byte == dialect.delimiter);
    if (breaks) {
      cell += ' ';
      continue;
    }
    const bool escaped = dialect.escape != '\0' && byte == dialect.escape;
    if (byte == dialect.quote || escaped) cell += byte;
    cell += byte;
  }
  if (dialect.quote != '\0') cell += dialect.quote;
  return cell;
}

std::string with_cells(std::string_view record, const refusal_note& note, const csv_spec& dialect) {
  std::string row(record);
  row += dialect.delimiter;
  row += cell_of(note.code, dialect);
  row += dialect.delimiter;
  row += cell_of(note.detail, dialect);
  row += line_end;
  return row;
}

}  // namespace

result<std::string> rejected_rows(drop_reader& drop, const csv_spec& dialect,
                                  const refused_lines& refused) {
  // A drop of corrected rows has the two columns already: they are not added twice.
  const std::vector<std::string>& header = drop.header();
  const bool has_them = header.size() >= 2 && header.back() == detail_column;
  std::string text(drop.raw_header());
  if (!has_them) {
    text += dialect.delimiter;
    text += error_column;
    text += dialect.delimiter;
    text += detail_column;
  }
  text += line_end;
  record_batch batch;
  auto next = refused.begin();
  while (next != refused.end()) {
    const result<void> more = drop.next(batch);
    if (!more) return more.error();
    if (batch.records.empty()) break;
    for (const raw_record& record : batch.records) {
      while (next != refused.end() && next->first < record.line) ++next;
      if (next == refused.end()) break;
      if (next->first != record.line) continue;
      if (has_them) {
        text += record.bytes;
        text += line_end;
      } else {
        text += with_cells(record.bytes, next->second, dialect);
      }
    }
  }
  if (is_utf16(dialect.encoding)) return as_utf16(text, dialect.encoding);
  return text;
}

}  // namespace patchbay
