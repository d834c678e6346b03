// The scan cuts any bytes, in windows of any size, as a plain splitter cuts them.
#include "fuzz_target.hpp"
#include "plain_csv.hpp"
#include "record_scan.hpp"

namespace {

using namespace patchbay;
using testing::plain_record;

/// As the reader drives it: what a window does not finish is begun again in the next.
testing::plain_drop cut_in_windows(const std::string& text, const csv_spec& dialect,
                                   std::size_t window_bytes) {
  record_scan scan(dialect);
  testing::plain_drop made;
  std::string tail;
  for (std::size_t at = 0; at < text.size() || !tail.empty();) {
    const std::size_t size = std::min(window_bytes, text.size() - at);
    std::string held = tail + text.substr(at, size);
    at += size;
    const bool last = at == text.size();
    const std::size_t filled = held.size();
    held.resize(filled + scan_block_bytes);
    std::vector<raw_record> records;
    const std::size_t done = scan.cut(std::string_view(held.data(), filled), last, records);
    for (const raw_record& one : records) {
      made.records.push_back({std::string(one.bytes), one.line});
    }
    tail = held.substr(done, filled - done);
    if (last) break;
  }
  made.unclosed = scan.place().in_quotes;
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string text = fuzz::text_of(bytes + 1, size - 1);
  if (text.find('\0') != std::string::npos) return 0;
  csv_spec dialect;
  dialect.delimiter = ';';
  const testing::plain_drop wanted = testing::cut_plainly(text);
  for (const bool byte_by_byte : {false, true}) {
    // An escape that is never there takes the slow way.
    dialect.comment = byte_by_byte ? '\0' : '\0';
    dialect.escape = byte_by_byte ? '\x01' : '\0';
    if (byte_by_byte && text.find('\x01') != std::string::npos) break;
    const auto found = cut_in_windows(text, dialect, 1U + bytes[0]);
    fuzz::promise(found.records == wanted.records, "the scan cuts as the plain splitter");
    fuzz::promise(found.unclosed == wanted.unclosed, "an open quote is seen");
  }
  return 0;
}
