// Random bytes from the few that matter, against splitters so plain that they can be believed.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "patchbay/adapter/csv/csv_drop_opener.hpp"
#include "plain_csv.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;

namespace {

/// Quotes are rare, then frequent; a closed record now and then, so that most texts have rows.
std::string random_text(std::mt19937_64& dice, std::size_t size) {
  const std::string_view alphabet = dice() % 2 == 0 ? "ab;;\"\"\n\r" : "abcdefgh;;\"\n\r";
  std::string text = "h;i\n";
  while (text.size() < size) {
    switch (dice() % 8) {
      case 0:
        text += "\"a;\"\"b\nc\";x\r\n";
        break;
      case 1:
        text += "\";\"\"\"\"\";\"\"\r\n";
        break;
      default:
        text += alphabet[dice() % alphabet.size()];
    }
  }
  return text;
}

}  // namespace

TEST_CASE("csv: random bytes are cut as a plain splitter cuts them, whatever the block") {
  const temp_folder folder;
  std::mt19937_64 dice(7);
  for (int round = 0; round < 4'000; ++round) {
    const std::string text = random_text(dice, dice() % 400);
    const plain_drop wanted = cut_plainly(text);
    csv_spec dialect;
    dialect.delimiter = ';';
    if (round % 4 == 0) dialect.comment = '~';  // never there: the byte by byte way
    const reading_spec reading{.block_bytes = 1 + dice() % 300};
    auto opened = csv_drop_opener(dialect, {}, reading).open(folder.write("drop.csv", text));
    REQUIRE(opened.has_value());
    std::vector<plain_record> found;
    found.push_back({std::string((*opened)->raw_header()), 1});
    record_batch batch;
    bool unclosed = false;
    while (!unclosed) {
      const result<void> more = (*opened)->next(batch);
      unclosed = !more;
      if (!more || batch.records.empty()) break;
      for (const raw_record& one : batch.records)
        found.push_back({std::string(one.bytes), one.line});
    }
    CAPTURE(text);
    REQUIRE(unclosed == wanted.unclosed);
    REQUIRE(found == wanted.records);
  }
}

TEST_CASE("csv: the quick way to the cells finds what the thorough one finds, or nothing") {
  const temp_folder folder;
  std::mt19937_64 dice(11);
  std::int64_t read = 0;
  std::int64_t refused = 0;
  for (int round = 0; round < 2'000; ++round) {
    const std::string text = random_text(dice, dice() % 400);
    csv_spec dialect;
    dialect.delimiter = ';';
    auto opened = csv_drop_opener(dialect, {}).open(folder.write("drop.csv", text));
    REQUIRE(opened.has_value());
    const std::vector<std::size_t> both{1, 0};
    record_batch batch;
    cell_bytes quick;
    while ((*opened)->next(batch) && !batch.records.empty()) {
      for (const raw_record& one : batch.records) {
        CAPTURE(std::string(one.bytes));
        const auto thorough = (*opened)->split(one.bytes);
        const bool well_formed = (*opened)->cells_of(one.bytes, both, quick);
        REQUIRE(well_formed == thorough.has_value());
        ++(well_formed ? read : refused);
        if (!well_formed) continue;
        const std::string& last = thorough->at(1);
        const std::string& first = thorough->at(0);
        REQUIRE(quick.first == last);
        REQUIRE(quick.text.size() == 2 * sizeof(std::uint64_t) + last.size() + first.size());
        REQUIRE(quick.text.ends_with(first));
      }
    }
  }
  CHECK(read > 1'000);
  CHECK(refused > 1'000);
}
