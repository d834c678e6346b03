// Dialects beyond RFC 4180: escapes, comments, UTF-16, files without a last line end.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "patchbay/adapter/csv/csv_drop_opener.hpp"
#include "patchbay/adapter/csv/rejected_rows.hpp"
#include "patchbay/model/encodings.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using patchbay::testing::temp_folder;

namespace {

using cells = std::vector<std::string>;

/// Header and rows; a row that cannot be read is its code alone.
std::vector<cells> rows_of(const std::string& bytes, const csv_spec& dialect,
                           std::size_t block_bytes = 1U << 16U) {
  const temp_folder folder;
  const csv_drop_opener opener(dialect, {}, {.block_bytes = block_bytes});
  auto opened = opener.open(folder.write("drop.csv", bytes));
  if (!opened) return {{opened.error().code}};
  std::vector<cells> found{(*opened)->header()};
  record_batch batch;
  while (true) {
    const result<void> more = (*opened)->next(batch);
    if (!more) {
      found.push_back({more.error().code});
      return found;
    }
    if (batch.records.empty()) return found;
    for (const raw_record& one : batch.records) {
      const auto read = (*opened)->split(one.bytes);
      found.push_back(read ? *read : cells{read.error().code});
    }
  }
}

csv_spec escaping() {
  csv_spec dialect;
  dialect.escape = '\\';
  return dialect;
}

std::string utf16(const std::u16string& text, bool big, bool mark = true) {
  std::string out;
  const auto put = [&out, big](char16_t unit) {
    const char high = static_cast<char>(unit >> 8U);
    const char low = static_cast<char>(unit & 0xFFU);
    out += big ? high : low;
    out += big ? low : high;
  };
  if (mark) put(u'\uFEFF');
  for (const char16_t unit : text) put(unit);
  return out;
}

csv_spec encoded(const std::string& encoding) {
  csv_spec dialect;
  dialect.encoding = encoding;
  return dialect;
}

}  // namespace

TEST_CASE("csv: an escape takes the next character as it is, in quotes and outside them") {
  const std::string text =
      "a,b\n"
      "\"say \\\"hi\\\"\",\"back\\\\slash\"\n"
      "one\\,cell,\"two\\\nlines\"\n"
      "\"doubled \"\" too\",\\\"\n"
      "\"open \\\n still\",end\n";
  const std::vector<cells> wanted{{"a", "b"},
                                  {"say \"hi\"", "back\\slash"},
                                  {"one,cell", "two\nlines"},
                                  {"doubled \" too", "\""},
                                  {"open \n still", "end"}};
  for (const std::size_t block : {1U, 2U, 3U, 7U, 64U, 4096U}) {
    CAPTURE(block);
    CHECK(rows_of(text, escaping(), block) == wanted);
  }
}

TEST_CASE("csv: without an escape a backslash is a character like others") {
  CHECK(rows_of("a,b\nc\\,d\n", {}) == std::vector<cells>{{"a", "b"}, {"c\\", "d"}});
}

TEST_CASE("csv: lines that begin with the comment character are passed over, quotes in them too") {
  csv_spec dialect;
  dialect.comment = '#';
  const std::string text =
      "# made \"by\" the ERP, today\r\na,b\r\n#\"\n1,#2\r\n\"#3\",\"x\n#y\"\n# end";
  const std::vector<cells> wanted{{"a", "b"}, {"1", "#2"}, {"#3", "x\n#y"}};
  for (const std::size_t block : {1U, 5U, 64U, 4096U}) {
    CAPTURE(block);
    CHECK(rows_of(text, dialect, block) == wanted);
  }
}

TEST_CASE("csv: comments and blank lines count as lines of the file") {
  const temp_folder folder;
  csv_spec dialect;
  dialect.comment = '#';
  const csv_drop_opener opener(dialect, {});
  const auto opened = opener.open(folder.write("drop.csv", "#\n\na\n\r\n#x\r\n1\n"));
  REQUIRE(opened.has_value());
  record_batch batch;
  REQUIRE((*opened)->next(batch).has_value());
  REQUIRE(batch.records.size() == 1);
  CHECK(batch.records[0].line == 6);
}

TEST_CASE("csv: UTF-16 of both orders, with its mark or without, packed pairs included") {
  const std::u16string text = u"key;name\r\nC-1;Città 😀\r\nC-2;\"Œuvre; naïve\"\r\n";
  csv_spec dialect;
  dialect.delimiter = ';';
  const std::vector<cells> wanted{{"key", "name"}, {"C-1", "Città 😀"}, {"C-2", "Œuvre; naïve"}};
  for (const bool big : {false, true}) {
    dialect.encoding = big ? "utf-16be" : "utf-16le";
    for (const bool mark : {false, true}) {
      for (const std::size_t block : {3U, 64U, 4096U}) {
        CAPTURE(dialect.encoding);
        CAPTURE(block);
        CHECK(rows_of(utf16(text, big, mark), dialect, block) == wanted);
      }
    }
  }
}

TEST_CASE("csv: half a pair, or half a unit, of UTF-16 refuses its row and no other") {
  std::u16string text = u"a\nx?\ny\n";
  text[3] = 0xD83D;
  CHECK(rows_of(utf16(text, false), encoded("utf-16le")) ==
        std::vector<cells>{{"a"}, {"CSV_ENCODING"}, {"y"}});
  CHECK(rows_of(utf16(u"a\nx\n", true) + "\x01", encoded("utf-16be")).back() ==
        cells{"CSV_ENCODING"});
}

TEST_CASE("csv: a mark that says another encoding than the configuration refuses the drop") {
  for (const auto& [encoding, big] :
       {std::pair("utf-16le", true), std::pair("utf-16be", false), std::pair("utf-8", true)}) {
    CAPTURE(encoding);
    CHECK(rows_of(utf16(u"a\nb\n", big), encoded(encoding)) ==
          std::vector<cells>{{"CSV_ENCODING_UNSUPPORTED"}});
  }
}

TEST_CASE("csv: every encoding that the configuration takes can be read") {
  for (const std::string& name : known_encodings()) {
    CAPTURE(name);
    const bool wide = name.starts_with("utf-16");
    const std::string text =
        wide ? utf16(u"a\nb\n", name == "utf-16be", false) : std::string("a\nb\n");
    CHECK(rows_of(text, encoded(name)) == std::vector<cells>{{"a"}, {"b"}});
  }
}

TEST_CASE("csv: the last record of a file without a last line end is marked as such") {
  const temp_folder folder;
  const csv_drop_opener opener({}, {});
  for (const auto& [text, unended] :
       {std::pair("a,b\n1,2\n3,4", true), std::pair("a,b\n1,2\n3,4\n", false),
        std::pair("a,b\n1,2\n3,4\r", false)}) {
    CAPTURE(text);
    const auto opened = opener.open(folder.write("drop.csv", text));
    record_batch batch;
    REQUIRE((*opened)->next(batch).has_value());
    CHECK(batch.records.size() == 2);
    CHECK(batch.unended == unended);
  }
}

TEST_CASE(
    "csv: refused rows of UTF-16 go back as UTF-16, with words that begin like a formula "
    "quoted") {
  const temp_folder folder;
  const csv_spec dialect = encoded("utf-16be");
  const csv_drop_opener opener(dialect, {});
  auto opened = opener.open(folder.write("drop.csv", utf16(u"a\né\n", true)));
  const auto rows = rejected_rows(**opened, dialect, {{2, {"CODE", "=1+1"}}});
  CHECK(rows.value() ==
        utf16(u"a,patchbay_error,patchbay_detail\r\né,\"CODE\",\"'=1+1\"\r\n", true));
}
