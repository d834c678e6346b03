// A line set that is large enough for a table: the same promises as in line_set_test.cpp.
#include <vector>

#include "line_set_bench.hpp"

namespace patchbay::testing {
namespace {

/// Of many lines a table is made; here from eight on.
line_set_file open_with_table(set_bench& here) {
  line_set_options options = here.options();
  options.table_from = 8;
  return line_set_file(std::move(options));
}

void insert_up_to(line_set& set, std::uint64_t last) {
  std::vector<known_line> lines;
  for (std::uint64_t customer = 1; customer <= last; ++customer) lines.push_back(line_of(customer));
  REQUIRE(set.insert(lines).has_value());
}

TEST_CASE("lines: of many a table is made, and what changes afterwards is found beside it") {
  set_bench here;
  {
    line_set_file set = open_with_table(here);
    insert_up_to(set, 1'000);
    insert(set, line_of(2'000));  // the table is written before it
  }
  CHECK(here.bytes().size() < 10 * record);
  line_set_file set = open_with_table(here);
  CHECK(set.discarded().empty());
  insert(set, line_of(5, 1));
  remove(set, 6);
  ++here.generation;
  for (int round = 0; round < 2; ++round) {
    const line_set_file again = open_with_table(here);
    CHECK(again.discarded().empty());
    CHECK(holds(again, line_of(1)));
    CHECK(holds(again, line_of(1'000)));
    CHECK(holds(again, line_of(2'000)));
    CHECK_FALSE(again.find(line_of(5).line));
    CHECK(holds(again, line_of(5, 1)));
    CHECK_FALSE(again.find(line_of(6).line));
    CHECK_FALSE(again.find_customer(line_of(6).customer));
    CHECK_FALSE(again.find(line_of(3'000).line));
  }
}

TEST_CASE("lines: many are found at once as one by one, in any order") {
  set_bench here;
  line_set_file set = open_with_table(here);
  insert_up_to(set, 500);
  insert(set, line_of(501));
  for (std::uint64_t customer = 10; customer < 500; customer += 7)
    insert(set, line_of(customer, 1));
  remove(set, 20);
  std::vector<fingerprint> asked;
  for (std::uint64_t n = 0; n < 900; ++n) {
    const std::uint64_t customer = n < 520 ? n : n * 7919 % 520;
    asked.push_back(line_of(customer, n % 3 == 0 ? 1 : 0).line);
  }
  std::vector<std::size_t> places(asked.size());
  std::size_t expected = 0;
  set.find_each(asked, places, expected);
  std::size_t found = 0;
  for (std::size_t n = 0; n < asked.size(); ++n) {
    CHECK(places[n] == set.find(asked[n]).value_or(line_set::nowhere));
    if (places[n] != line_set::nowhere) ++found;
  }
  CHECK(found > 500);
}

TEST_CASE("lines: tables follow one another, and shrink to a journal again") {
  set_bench here;
  line_set_file set = open_with_table(here);
  for (std::uint64_t version = 0; version < 40; ++version) {
    for (std::uint64_t customer = 1; customer <= 100; ++customer) {
      insert(set, line_of(customer, version));
    }
    const line_set_file again = open_with_table(here);
    CHECK(again.discarded().empty());
    for (std::uint64_t customer = 1; customer <= 100; ++customer) {
      CHECK(holds(again, line_of(customer, version)));
    }
    CHECK(again.size() < 300);
  }
  for (std::uint64_t customer = 1; customer <= 98; ++customer) remove(set, customer);
  ++here.generation;
  for (std::uint64_t round = 0; round < 6'000; ++round) insert(set, line_of(99, round));
  const line_set_file again = open_with_table(here);
  CHECK(again.discarded().empty());
  CHECK(holds(again, line_of(99, 5'999)));
  CHECK(holds(again, line_of(100, 39)));
  CHECK_FALSE(again.find(line_of(50, 39).line));
  CHECK_FALSE(std::filesystem::exists(here.path().string() + ".table-a"));
  CHECK_FALSE(std::filesystem::exists(here.path().string() + ".table-b"));
}

TEST_CASE("lines: a table that is damaged, cut off, gone or another one's is discarded") {
  set_bench here;
  {
    line_set_file set = open_with_table(here);
    insert_up_to(set, 20);
    insert(set, line_of(21));
  }
  const std::string table = here.path().string() + ".table-a";
  std::ifstream in(table, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto discarded_with = [&](const std::string& other) {
    here.folder.write("erp.lines.table-a", other);
    return !open_with_table(here).discarded().empty();
  };
  CHECK_FALSE(discarded_with(bytes));
  for (std::size_t at = 0; at < bytes.size(); at += at < 88 || at >= 4096 ? 1 : 8) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    const bool unused = at >= 88 && at < 4096;  // between header and entries
    CHECK(discarded_with(damaged) != unused);
  }
  CHECK(discarded_with(bytes.substr(0, bytes.size() - 4)));
  CHECK(discarded_with(bytes.substr(0, 100)));
  CHECK(discarded_with(""));
  here.folder.write("erp.lines.table-a", bytes);
  CHECK(open_with_table(here).discarded().empty());
  std::filesystem::remove(table);
  CHECK_FALSE(open_with_table(here).discarded().empty());
}

}  // namespace
}  // namespace patchbay::testing
