#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "patchbay/adapter/csv/csv_drop_opener.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using patchbay::testing::temp_folder;

namespace {

struct seen_row {
  std::int64_t line = 0;
  std::vector<std::string> cells;
  std::string fault;
  std::string message;

  friend bool operator==(const seen_row& a, const seen_row& b) {
    return a.line == b.line && a.cells == b.cells && a.fault == b.fault;
  }
};

struct reading {
  std::vector<std::string> header;
  std::vector<seen_row> rows;
  std::string fault;
  std::string message;
};

struct setup {
  csv_spec dialect;
  input_limits limits;
  reading_spec reading = {};
};

reading read_all(std::string_view bytes, setup how = {}) {
  const temp_folder folder;
  const csv_drop_opener opener(how.dialect, how.limits, how.reading);
  auto opened = opener.open(folder.write("drop.csv", bytes));
  reading seen;
  if (!opened) return {{}, {}, opened.error().code, opened.error().message};
  drop_reader& reader = **opened;
  seen.header = reader.header();
  record_batch batch;
  while (true) {
    const result<void> more = reader.next(batch);
    if (!more) {
      seen.fault = more.error().code;
      seen.message = more.error().message;
      return seen;
    }
    if (batch.records.empty()) return seen;
    for (const raw_record& record : batch.records) {
      const auto cells = reader.split(record.bytes);
      seen_row row{.line = record.line, .cells = {}, .fault = {}, .message = {}};
      if (cells) {
        row.cells = *cells;
      } else {
        row.fault = cells.error().code;
        row.message = cells.error().message;
      }
      seen.rows.push_back(std::move(row));
    }
  }
}

seen_row row(std::int64_t line, std::vector<std::string> cells) {
  return {.line = line, .cells = std::move(cells), .fault = {}, .message = {}};
}

setup dialect(char delimiter, char quote, std::string encoding) {
  setup how;
  how.dialect = {.delimiter = delimiter, .quote = quote, .encoding = std::move(encoding)};
  return how;
}

}  // namespace

TEST_CASE("csv: LF, CRLF and CR end a record, and the last one may be missing") {
  const std::vector<seen_row> rows{row(2, {"1", "2"}), row(3, {"3", "4"})};
  CHECK(read_all("a,b\n1,2\n3,4\n").rows == rows);
  CHECK(read_all("a,b\r\n1,2\r\n3,4\r\n").rows == rows);
  CHECK(read_all("a,b\r1,2\r3,4\r").rows == rows);
  CHECK(read_all("a,b\n1,2\n3,4").rows == rows);
  CHECK(read_all("a,b\r\n1,2\r\n3,4").header == std::vector<std::string>{"a", "b"});
}

TEST_CASE("csv: a newline inside quotes belongs to the cell and counts as a physical line") {
  const reading seen = read_all("a,b\r\n1,\"x\r\ny\"\r\n2,\"p\nq\rr\"\r\n3,z\r\n");
  CHECK(seen.rows == std::vector<seen_row>{row(2, {"1", "x\r\ny"}), row(4, {"2", "p\nq\rr"}),
                                           row(7, {"3", "z"})});
}

TEST_CASE("csv: doubled quotes, delimiters inside quotes and empty cells") {
  const reading seen = read_all("a,b,c\n\"say \"\"hi\"\"\",\"1,2\",\n\"\",\"\"\"\",x\n");
  CHECK(seen.rows ==
        std::vector<seen_row>{row(2, {"say \"hi\"", "1,2", ""}), row(3, {"", "\"", "x"})});
}

TEST_CASE("csv: blank lines are skipped but counted, a byte order mark is not a name") {
  const reading seen = read_all("\xEF\xBB\xBF\n a , b\n\n\n1,2\n\r\n3,4\n\n");
  CHECK(seen.header == std::vector<std::string>{"a", "b"});
  CHECK(seen.rows == std::vector<seen_row>{row(5, {"1", "2"}), row(7, {"3", "4"})});
}

TEST_CASE("csv: windows-1252 cells come out as UTF-8, and its holes are a fault of their cell") {
  const setup how = dialect(';', '"', "windows-1252");
  const reading seen = read_all("K;NAME\r\n1;\"Citt\xE0 \x80\"\r\n2;\x81\r\n", how);
  REQUIRE(seen.rows.size() == 2);
  CHECK(seen.rows[0] == row(2, {"1", "Città €"}));
  CHECK(seen.rows[1].fault == "CSV_ENCODING");
}

TEST_CASE("csv: bytes that are not UTF-8 are a fault of their row only") {
  const reading seen = read_all("a,b\n1,\xE0\n2,è\n");
  REQUIRE(seen.rows.size() == 2);
  CHECK(seen.rows[0].fault == "CSV_ENCODING");
  CHECK(seen.rows[1] == row(3, {"2", "è"}));
}

TEST_CASE("csv: any delimiter and any quote, also the ones that are special elsewhere") {
  CHECK(read_all("a|b\n'x|y'|it''s\n", dialect('|', '\'', "utf-8")).rows[0].fault == "CSV_QUOTE");
  CHECK(read_all("a|b\n'x|,\"y'|'it''s'\n", dialect('|', '\'', "utf-8")).rows ==
        std::vector<seen_row>{row(2, {"x|,\"y", "it's"})});
  CHECK(read_all("a;b\n,x;y;,z\",\n", dialect(';', ',', "utf-8")).rows[0].fault == "CSV_QUOTE");
  CHECK(read_all("a;b\n,x;y,;,z\"\n,\n", dialect(';', ',', "utf-8")).rows ==
        std::vector<seen_row>{row(2, {"x;y", "z\"\n"})});
  CHECK(read_all("a\tb\n5\" pipe\t\"\n", dialect('\t', '\0', "utf-8")).rows ==
        std::vector<seen_row>{row(2, {"5\" pipe", "\""})});
}

TEST_CASE("csv: a stray quote costs its own row and not the rows after it") {
  const reading seen = read_all("a,b\n1,5\" pipe\n2,\"x\" y\n3,z\n");
  REQUIRE(seen.rows.size() == 3);
  CHECK(seen.rows[0].fault == "CSV_QUOTE");
  CHECK(seen.rows[1].fault == "CSV_QUOTE");
  CHECK(seen.rows[2] == row(4, {"3", "z"}));
}

TEST_CASE("csv: NUL, too few and too many cells are faults of their row") {
  using namespace std::string_literals;
  const reading seen = read_all("a,b\n1,\0\n2\n3,4,5\n6,7\n"s);
  REQUIRE(seen.rows.size() == 4);
  CHECK(seen.rows[0].fault == "CSV_NUL");
  CHECK(seen.rows[1].fault == "CSV_RAGGED");
  CHECK(seen.rows[1].message == "the row has 1 cells, the header has 2");
  CHECK(seen.rows[2].message == "the row has 3 cells, the header has 2");
  CHECK(seen.rows[3] == row(5, {"6", "7"}));
}

TEST_CASE("csv: an unclosed quote at the end is a fault of the drop, with the line it began on") {
  const reading seen = read_all("a,b\n1,2\n3,\"four\n5,6\n");
  CHECK(seen.fault == "CSV_UNCLOSED_QUOTE");
  CHECK(seen.message.find("line 3") != std::string::npos);
}

TEST_CASE("csv: a file without a header is empty") {
  CHECK(read_all("").fault == "DROP_EMPTY");
  CHECK(read_all("\xEF\xBB\xBF\r\n\r\n").fault == "DROP_EMPTY");
  CHECK(read_all("a,b\n").fault.empty());
}

TEST_CASE("csv: each limit has its own code") {
  setup how;
  how.limits.cell_bytes = 4;
  CHECK(read_all("a\n12345\n", how).rows[0].fault == "CSV_CELL_TOO_LONG");
  how = {};
  how.limits.columns = 2;
  CHECK(read_all("a,b\n1,2,3\n", how).rows[0].fault == "CSV_TOO_MANY_COLUMNS");
  CHECK(read_all("a,b,c\n", how).fault == "CSV_TOO_MANY_COLUMNS");
  how = {};
  how.limits.line_bytes = 10;
  CHECK(read_all("a\n1234567890\n12345678901\n", how).fault == "CSV_LINE_TOO_LONG");
  how = {};
  how.limits.drop_bytes = 3;
  CHECK(read_all("a\n1\n", how).fault == "DROP_TOO_LARGE");
}

TEST_CASE("csv: encodings that are not supported are refused clearly") {
  CHECK(read_all("a\n", dialect(',', '"', "utf-16")).fault == "CSV_ENCODING_UNSUPPORTED");
  CHECK(read_all("\xFF\xFE\x61").fault == "CSV_ENCODING_UNSUPPORTED");
  CHECK(read_all("a\n\xA4\n", dialect(',', '"', "ISO-8859-15")).rows[0].cells[0] == "€");
}

TEST_CASE("csv: records longer than a block, and cut by its end, come out whole") {
  std::string bytes = "a,b\n";
  std::vector<seen_row> rows;
  std::int64_t line = 2;
  for (int n = 0; n < 60'000; ++n) {
    const std::string text = "x\"\"" + std::string(static_cast<std::size_t>(n % 97), 'y');
    bytes += std::to_string(n) + ",\"" + text + "\r\n\"\r\n";
    rows.push_back(row(line, {std::to_string(n), "x\"" + text.substr(3) + "\r\n"}));
    line += 2;
  }
  const std::string big(3'000'000, 'z');
  bytes += "big,\"" + big + "\"";
  rows.push_back(row(line, {"big", big}));
  setup how;
  how.limits.cell_bytes = 16 << 20;
  how.reading.block_bytes = 1000;
  const reading seen = read_all(bytes, how);
  CHECK(seen.fault.empty());
  REQUIRE(seen.rows.size() == rows.size());
  CHECK(seen.rows == rows);
}

TEST_CASE("csv: links, folders and missing files are refused") {
  const temp_folder folder;
  const csv_drop_opener opener({}, {});
  const auto file = folder.write("drop.csv", "a\n1\n");
  std::filesystem::create_symlink(file, folder.path() / "soft.csv");
  CHECK(opener.open(folder.path() / "soft.csv").error().code == "DROP_UNSAFE");
  CHECK(opener.open(folder.path()).error().code == "DROP_UNSAFE");
  CHECK(opener.open(folder.path() / "none.csv").error().code == "DROP_MISSING");
  std::filesystem::create_hard_link(file, folder.path() / "hard.csv");
  CHECK(opener.open(file).error().code == "DROP_UNSAFE");
}

TEST_CASE("csv: a drop that is touched while it is read is noticed") {
  const temp_folder folder;
  const csv_drop_opener opener({}, {});
  const auto file = folder.write("drop.csv", "a\n1\n");
  const auto opened = opener.open(file);
  REQUIRE(opened.has_value());
  CHECK((*opened)->unchanged_on_disk());
  folder.write("drop.csv", "a\n1\n2\n");
  CHECK_FALSE((*opened)->unchanged_on_disk());
}

TEST_CASE("reader: a thread that reads ahead gives the same rows, lines and faults") {
  std::string bytes = "key;name\r\n";
  for (int n = 0; n < 5'000; ++n) {
    bytes += "C-" + std::to_string(n) + ";\"two\r\nlines \"\"" + std::to_string(n) + "\"\"\"\r\n";
  }
  std::string cut_off = bytes + "C-x;\"never closed";
  for (const std::string& text : {bytes, cut_off, bytes.substr(0, bytes.size() - 2)}) {
    setup how = dialect(';', '"', "utf-8");
    how.reading = {.block_bytes = 700, .ahead_from = 0};
    const reading ahead = read_all(text, how);
    const reading alone = read_all(text, dialect(';', '"', "utf-8"));
    CHECK(ahead.rows == alone.rows);
    CHECK(ahead.fault == alone.fault);
    CHECK(ahead.message == alone.message);
    CHECK(ahead.rows.size() == 5'000);
  }
}

TEST_CASE("reader: one that reads ahead can be let go before the end") {
  const temp_folder folder;
  std::string bytes = "key\n";
  for (int n = 0; n < 100'000; ++n) bytes += "C-" + std::to_string(n) + "\n";
  const csv_drop_opener opener({}, {}, {.block_bytes = 4096, .ahead_from = 0});
  auto opened = opener.open(folder.write("drop.csv", bytes));
  REQUIRE(opened.has_value());
  record_batch batch;
  REQUIRE((*opened)->next(batch).has_value());
  CHECK_FALSE(batch.records.empty());
}
