// Drops that are packed: the same rows as unpacked, whatever the blocks; damage, cut-off files and
// bombs are refused.
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include "patchbay/adapter/csv/csv_drop_opener.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using patchbay::testing::temp_folder;

namespace {

std::string gzipped(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  std::string from = text;
  stream.next_in = reinterpret_cast<Bytef*>(from.data());
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd_packed(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

/// The records joined by newlines, or the code of the fault.
std::string read_all(const std::string& bytes, input_limits limits = {}) {
  const temp_folder folder;
  const csv_drop_opener opener({}, limits);
  auto opened = opener.open(folder.write("drop.csv.gz", bytes));
  if (!opened) return opened.error().code;
  std::string text((*opened)->raw_header());
  record_batch batch;
  while (true) {
    const result<void> more = (*opened)->next(batch);
    if (!more) return more.error().code;
    if (batch.records.empty()) return text + "\n";
    for (const raw_record& record : batch.records) text += "\n" + std::string(record.bytes);
  }
}

std::string many_rows(int count) {
  std::string text = "key,email\n";
  for (int n = 0; n < count; ++n) {
    text += "C-" + std::to_string(n) + ",\"buyer " + std::to_string(n % 10007 * 7919) + "\"\n";
  }
  return text;
}

}  // namespace

TEST_CASE("packed: gzip and zstd give the same rows as the file itself") {
  for (const int rows : {0, 1, 50'000, 400'000}) {
    const std::string text = many_rows(rows);
    CHECK(read_all(text) == text);
    CHECK(read_all(gzipped(text)) == text);
    CHECK(read_all(zstd_packed(text)) == text);
  }
}

TEST_CASE("packed: several members or frames in a row are one file") {
  const std::string one = many_rows(20'000);
  const std::string other = "D-1,x\nD-2,y\n";
  CHECK(read_all(gzipped(one) + gzipped(other)) == one + other);
  CHECK(read_all(zstd_packed(one) + zstd_packed(other)) == one + other);
}

TEST_CASE("packed: a file that is cut off or damaged is refused, never read in part") {
  const std::string text = many_rows(30'000);
  for (const std::string& whole : {gzipped(text), zstd_packed(text)}) {
    for (const std::size_t left : {std::size_t{5}, whole.size() / 2, whole.size() - 1}) {
      CHECK(read_all(whole.substr(0, left)) == "DROP_DAMAGED");
    }
  }
  std::string flipped = gzipped(text);
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x55);
  CHECK(read_all(flipped) == "DROP_DAMAGED");
  CHECK(read_all(gzipped(text) + "not a member") == "DROP_DAMAGED");
}

TEST_CASE("packed: what unpacks without end is stopped at the limits") {
  const std::string blanks = "key,email\n" + std::string(std::size_t{100} << 20U, '\n');
  CHECK(read_all(gzipped(blanks)) == "DROP_BOMB");
  CHECK(read_all(zstd_packed(blanks)) == "DROP_BOMB");
  input_limits small;
  small.drop_bytes = 100'000;
  CHECK(read_all(gzipped(many_rows(20'000)), small) == "DROP_TOO_LARGE");
}
