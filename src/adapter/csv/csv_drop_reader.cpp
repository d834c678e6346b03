#include "csv_drop_reader.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include <unistd.h>

#include "patchbay/model/text.hpp"

namespace patchbay {
namespace {

constexpr std::size_t first_block_bytes = std::size_t{1} << 20U;

bool same_moment(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

open_file::~open_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

csv_drop_reader::csv_drop_reader(opened_csv file, csv_spec dialect, cell_encoding encoding,
                                 input_limits limits)
    : file_(std::move(file.file)),
      opened_(file.as_opened),
      source_(std::move(file.source)),
      dialect_(std::move(dialect)),
      encoding_(std::move(encoding)),
      limits_(limits),
      scan_(dialect_.delimiter, dialect_.quote),
      cells_(dialect_, limits_),
      block_(first_block_bytes + scan_block_bytes, '\0') {}

result<void> csv_drop_reader::begin() {
  if (const result<void> filled = refill(); !filled) return filled.error();
  if (const result<void> marked = skip_byte_order_mark(); !marked) return marked.error();
  std::vector<raw_record> first;
  if (const result<void> found = next(first, 1); !found) return found.error();
  if (first.empty()) {
    return fault{"DROP_EMPTY", "the file is empty: not even a header stands in it"};
  }
  raw_header_ = first.front().bytes;
  auto names = decoded(raw_header_, 0);
  if (!names) {
    return fault{names.error().code, "the header (line " + std::to_string(first.front().line) +
                                         ") cannot be read: " + names.error().message};
  }
  header_ = std::move(*names);
  for (std::string& name : header_) name = trimmed(name);
  return {};
}

/// Moves what is not handed out to the front and reads until the block is full.
result<void> csv_drop_reader::refill() {
  const std::size_t left = filled_ - from_;
  std::memmove(block_.data(), block_.data() + from_, left);
  from_ = 0;
  filled_ = left;
  const auto line_bytes = static_cast<std::size_t>(limits_.line_bytes);
  std::size_t room = block_.size() - scan_block_bytes;
  if (filled_ == room) {
    if (filled_ > line_bytes) return too_long(scan_.place().line);
    room = std::min(room * 2, std::max(room + 1, line_bytes + 1));
    block_.resize(room + scan_block_bytes);
  }
  while (filled_ < room) {
    const result<std::size_t> got =
        source_->read(std::span(block_).subspan(filled_, room - filled_));
    if (!got) return got.error();
    if (*got == 0) {
      at_end_ = true;
      break;
    }
    filled_ += *got;
  }
  const std::int64_t read = read_bytes();
  if (read > opened_.st_size || (at_end_ && read != opened_.st_size)) {
    return fault{"DROP_CHANGED", "the file had " + std::to_string(opened_.st_size) +
                                     " bytes when it was opened and has other ones now: somebody "
                                     "still writes it; deliver it under a temporary name and "
                                     "rename it when it is complete"};
  }
  return {};
}

result<void> csv_drop_reader::skip_byte_order_mark() {
  const std::string_view bytes(block_.data(), filled_);
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return fault{"CSV_ENCODING_UNSUPPORTED",
                 "the file begins with the byte order mark of utf-16, which is not supported: "
                 "export it as utf-8 or windows-1252"};
  }
  if (encoding_.utf8() && bytes.starts_with("\xEF\xBB\xBF")) from_ = 3;
  return {};
}

result<void> csv_drop_reader::next(std::vector<raw_record>& chunk, std::size_t most) {
  chunk.clear();
  while (true) {
    const std::string_view window(block_.data() + from_, filled_ - from_);
    from_ += scan_.cut(window, at_end_, chunk, most);
    if (!chunk.empty()) break;
    if (at_end_) return check_end();
    if (const result<void> filled = refill(); !filled) return filled.error();
  }
  for (const raw_record& record : chunk) {
    if (record.bytes.size() > static_cast<std::size_t>(limits_.line_bytes)) {
      return too_long(record.line);
    }
  }
  return {};
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
