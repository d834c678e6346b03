#include "csv_drop_reader.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include <unistd.h>

#include "patchbay/model/text.hpp"

namespace patchbay {
namespace {

bool same_moment(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

open_file::~open_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

csv_drop_reader::csv_drop_reader(opened_csv file, manner how)
    : file_(std::move(file.file)),
      opened_(file.as_opened),
      source_(std::move(file.source)),
      dialect_(std::move(how.dialect)),
      encoding_(std::move(how.encoding)),
      limits_(how.limits),
      scan_(dialect_),
      cells_(dialect_, limits_),
      block_bytes_(how.block_bytes) {}

result<void> csv_drop_reader::begin() {
  if (const result<void> found = read_on(first_); !found) return found.error();
  if (first_.records.empty()) {
    return fault{"DROP_EMPTY", "the file is empty: not even a header stands in it"};
  }
  const raw_record first = first_.records.front();
  raw_header_ = first.bytes;
  first_.records.erase(first_.records.begin());
  auto names = decoded(raw_header_, 0);
  if (!names) {
    return fault{names.error().code, "the header (line " + std::to_string(first.line) +
                                         ") cannot be read: " + names.error().message};
  }
  header_ = std::move(*names);
  quick_ = quick_cells(dialect_, limits_, header_.size());
  for (std::string& name : header_) name = trimmed(name);
  return {};
}

result<void> csv_drop_reader::next(record_batch& batch) {
  if (!first_.records.empty()) {
    batch = std::exchange(first_, {});
    return {};
  }
  return read_on(batch);
}

/// Reads until there is a record, or the end.
result<void> csv_drop_reader::read_on(record_batch& batch) {
  batch.records.clear();
  batch.unended = false;
  const auto line_bytes = static_cast<std::size_t>(limits_.line_bytes);
  std::size_t room = std::max(block_bytes_, 2 * tail_.size());
  while (batch.records.empty()) {
    if (at_end_ && tail_.empty()) return check_end();
    batch.bytes.resize(room + scan_block_bytes);
    std::copy(tail_.begin(), tail_.end(), batch.bytes.begin());
    const result<std::size_t> filled = fill(batch.bytes, tail_.size());
    if (!filled) return filled.error();
    std::string_view window(batch.bytes.data(), *filled);
    if (!std::exchange(begun_, true)) {
      const result<std::size_t> mark = byte_order_mark(window);
      if (!mark) return mark.error();
      window.remove_prefix(*mark);
    }
    const char* const end = window.data() + window.size();
    window.remove_prefix(scan_.cut(window, at_end_, batch.records));
    batch.unended = at_end_ && !batch.records.empty() &&
                    batch.records.back().bytes.data() + batch.records.back().bytes.size() == end;
    if (window.size() > line_bytes) return too_long(scan_.place().line);
    tail_.assign(window.begin(), window.end());
    if (batch.records.empty() && at_end_) {
      tail_.clear();
      return check_end();
    }
    room = std::min(2 * room, std::max(room, line_bytes + 1));
  }
  for (const raw_record& record : batch.records) {
    if (record.bytes.size() > line_bytes) return too_long(record.line);
  }
  return {};
}

/// Reads behind `filled` until the bytes are full but for the scan's slack; how many there are.
result<std::size_t> csv_drop_reader::fill(std::vector<char>& bytes, std::size_t filled) {
  const std::size_t room = bytes.size() - scan_block_bytes;
  while (filled < room && !at_end_) {
    const result<std::size_t> got = source_->read(std::span(bytes).subspan(filled, room - filled));
    if (!got) return got.error();
    at_end_ = *got == 0;
    filled += *got;
  }
  const std::int64_t read = source_->read_of_file();
  if (read > opened_.st_size || (at_end_ && read != opened_.st_size)) {
    return fault{"DROP_CHANGED", "the file had " + std::to_string(opened_.st_size) +
                                     " bytes when it was opened and has other ones now: somebody "
                                     "still writes it; deliver it under a temporary name and "
                                     "rename it when it is complete"};
  }
  return filled;
}

/// How many bytes to pass over.
result<std::size_t> csv_drop_reader::byte_order_mark(std::string_view bytes) const {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return fault{"CSV_ENCODING_UNSUPPORTED",
                 std::string("the file begins with the byte order mark of utf-16: say ") +
                     (bytes.front() == '\xFF' ? "utf-16le" : "utf-16be") +
                     " in csv.encoding, or export it as " + encoding_.name()};
  }
  return encoding_.utf8() && bytes.starts_with("\xEF\xBB\xBF") ? std::size_t{3} : 0;
}

result<void> csv_drop_reader::check_end() const {
  if (!scan_.place().in_quotes) return {};
  return fault{"CSV_UNCLOSED_QUOTE",
               "the quote opened on line " + std::to_string(scan_.place().quote_line) +
                   " is not closed before the end of the file: is it cut off, or is csv.quote "
                   "not what the producer writes?"};
}

fault csv_drop_reader::too_long(std::int64_t line) const {
  std::string message = "the row that begins on line " + std::to_string(line) + " has more than " +
                        std::to_string(limits_.line_bytes) + " bytes (limits.line)";
  if (scan_.place().in_quotes) {
    message +=
        "; a quote opened on line " + std::to_string(scan_.place().quote_line) + " is not closed";
  }
  return {"CSV_LINE_TOO_LONG", message};
}

boost::system::result<std::vector<std::string>, row_fault> csv_drop_reader::split(
    std::string_view record) const {
  return decoded(record, header_.size());
}

boost::system::result<std::vector<std::string>, row_fault> csv_drop_reader::decoded(
    std::string_view record, std::size_t expected) const {
  raw_cells cells = cells_.split(record, expected);
  if (!cells) return cells.error();
  for (std::size_t i = 0; i < cells->size(); ++i) {
    std::optional<std::string> text = encoding_.decode((*cells)[i]);
    if (!text) {
      return row_fault{"CSV_ENCODING",
                       "the cell holds bytes that are not " + encoding_.name() +
                           ": is csv.encoding what the producer writes?",
                       i};
    }
    (*cells)[i] = std::move(*text);
  }
  return cells;
}

bool csv_drop_reader::unchanged_on_disk() const {
  struct stat now {};
  if (::fstat(file_.descriptor(), &now) != 0) return false;
  return now.st_size == opened_.st_size && now.st_ino == opened_.st_ino &&
         same_moment(now.st_mtim, opened_.st_mtim) && same_moment(now.st_ctim, opened_.st_ctim);
}

}  // namespace patchbay
