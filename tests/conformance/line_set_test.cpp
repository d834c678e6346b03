// Every promise of port/line_set.hpp: losing the set costs a slow run, a wrong entry would lose a
// change, so there is never one.
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "line_set_bench.hpp"

namespace patchbay::testing {
namespace {

TEST_CASE("lines: what was inserted is found again after reopening, what was removed is not") {
  set_bench here;
  {
    line_set_file set = here.open();
    insert(set, line_of(1));
    insert(set, line_of(2));
    insert(set, line_of(3));
    remove(set, 2);
    CHECK(holds(set, line_of(1)));
    CHECK_FALSE(holds(set, line_of(2)));
  }
  for (int round = 0; round < 2; ++round) {
    const line_set_file set = here.open();
    CHECK(set.discarded().empty());
    CHECK(holds(set, line_of(1)));
    CHECK_FALSE(set.find(line_of(2).line));
    CHECK_FALSE(set.find_customer(line_of(2).customer));
    CHECK(holds(set, line_of(3)));
  }
  struct stat status {};
  REQUIRE(::stat(here.path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("lines: a group of removals is durable as a whole") {
  set_bench here;
  line_set_file set = here.open();
  for (std::uint64_t customer = 1; customer <= 4; ++customer) insert(set, line_of(customer));
  const std::array<fingerprint, 3> group{line_of(1).customer, line_of(3).customer,
                                         line_of(9).customer};
  REQUIRE(set.remove(group).has_value());
  const line_set_file again = here.open();
  CHECK_FALSE(again.find(line_of(1).line));
  CHECK_FALSE(again.find(line_of(3).line));
  CHECK(holds(again, line_of(2)));
  CHECK(holds(again, line_of(4)));
}

TEST_CASE("lines: a customer has one line, its latest") {
  set_bench here;
  line_set_file set = here.open();
  insert(set, line_of(1, 1));
  insert(set, line_of(1, 2));
  CHECK_FALSE(set.find(line_of(1, 1).line));
  CHECK(holds(set, line_of(1, 2)));
  const line_set_file again = here.open();
  CHECK_FALSE(again.find(line_of(1, 1).line));
  CHECK(holds(again, line_of(1, 2)));
}

TEST_CASE("lines: a settle between a removal and its admit does not bring the line back") {
  set_bench here;
  line_set_file set = here.open();
  remove(set, 1);
  insert(set, line_of(1, 1));
  insert(set, line_of(2));
  CHECK_FALSE(set.find(line_of(1, 1).line));
  CHECK(holds(set, line_of(2)));
  ++here.generation;  // the admit
  insert(set, line_of(1, 2));
  CHECK(holds(set, line_of(1, 2)));
  CHECK(holds(here.open(), line_of(1, 2)));
}

TEST_CASE("lines: thousands of changes do not let the file grow without end") {
  set_bench here;
  line_set_file set = here.open();
  for (std::uint64_t round = 0; round < 12'000; ++round) insert(set, line_of(1, round));
  insert(set, line_of(2));
  CHECK(here.bytes().size() < 6'000 * record);
  const line_set_file again = here.open();
  CHECK(holds(again, line_of(1, 11'999)));
  CHECK(holds(again, line_of(2)));
}

TEST_CASE("lines: a damaged, foreign, younger or older file is discarded and then replaced") {
  set_bench here;
  here.generation = 4;
  {
    line_set_file set = here.open();
    insert(set, line_of(1));
    insert(set, line_of(2));
  }
  std::string store_id = "store-1";
  std::string bytes = here.bytes();
  SUBCASE("torn in the last record") {
    bytes.resize(bytes.size() - 1);
  }
  SUBCASE("torn in the header") {
    bytes.resize(10);
  }
  SUBCASE("empty") {
    bytes.clear();
  }
  SUBCASE("a flipped bit in an entry") {
    bytes[record + 20] ^= 1;
  }
  SUBCASE("a flipped bit in the header") {
    bytes[3] ^= 1;
  }
  SUBCASE("a flipped bit in a checksum") {
    bytes[bytes.size() - 1] ^= 1;
  }
  SUBCASE("text") {
    bytes = "key,email\n1,a@x.it\n";
  }
  SUBCASE("another store") {
    store_id = "store-2";
  }
  SUBCASE("younger than the store") {
    here.generation = 3;
  }
  SUBCASE("older than the store") {
    here.generation = 5;
  }
  here.put_back(bytes);
  {
    line_set_file set = here.open(store_id);
    CHECK_FALSE(set.discarded().empty());
    CHECK(set.size() == 0);
    CHECK_FALSE(set.find(line_of(1).line));
    insert(set, line_of(3));
  }
  const line_set_file again = here.open(store_id);
  CHECK(again.discarded().empty());
  CHECK(holds(again, line_of(3)));
  CHECK_FALSE(again.find(line_of(1).line));
}

TEST_CASE("lines: every flipped bit is seen") {
  set_bench here;
  {
    line_set_file set = here.open();
    insert(set, line_of(1));
    remove(set, 1);
  }
  const std::string bytes = here.bytes();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    here.put_back(damaged);
    CHECK_FALSE(here.open().discarded().empty());
  }
}

TEST_CASE("lines: a crash between the removal and its admit loses an entry and nothing else") {
  set_bench here;
  {
    line_set_file set = here.open();
    insert(set, line_of(1));
    insert(set, line_of(2));
    remove(set, 1);
  }
  const line_set_file same = here.open();
  CHECK(same.discarded().empty());
  CHECK_FALSE(same.find(line_of(1).line));
  CHECK(holds(same, line_of(2)));
}

TEST_CASE("lines: a copy from before an admit is known as old, the file after it as current") {
  set_bench here;
  line_set_file set = here.open();
  insert(set, line_of(1));
  insert(set, line_of(2));
  const std::string copy = here.bytes();
  remove(set, 1);
  ++here.generation;
  CHECK(here.open().discarded().empty());
  remove(set, 9);  // not in the set
  ++here.generation;
  CHECK(here.open().discarded().empty());
  CHECK(holds(here.open(), line_of(2)));
  here.put_back(copy);
  CHECK_FALSE(here.open().discarded().empty());
}

TEST_CASE("lines: beside the owner nothing is written") {
  set_bench here;
  {
    line_set_file set = here.open();
    insert(set, line_of(1));
  }
  const std::string before = here.bytes();
  line_set_options options = here.options();
  options.read_only = true;
  line_set_file set(std::move(options));
  insert(set, line_of(2));
  remove(set, 1);
  CHECK(here.bytes() == before);
}

TEST_CASE("lines: in memory all works but reopening") {
  line_set_file set{line_set_options{}};
  insert(set, line_of(1));
  CHECK(holds(set, line_of(1)));
  remove(set, 1);
  CHECK_FALSE(set.find(line_of(1).line));
}

TEST_CASE("lines: a folder that cannot be written is a fault that names the file") {
  set_bench here;
  here.folder.write("file", "x");
  line_set_options options = here.options();
  options.path = here.folder.path() / "file" / "erp.lines";
  line_set_file set(std::move(options));
  const known_line line = line_of(1);
  const result<void> done = set.insert(std::span(&line, 1));
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message.find("erp.lines") != std::string::npos);
}

/// Settles and admits for ever: the version of a customer that counts is even only while it is
/// settled. What is true is told through the pipe before the set may know it.
[[noreturn]] void work_until_killed(set_bench& here, int tell) {
  constexpr std::uint64_t customers = 50;
  line_set_file set = here.open();
  std::array<std::uint64_t, 2> word{};
  for (std::uint64_t version = 1;; ++version) {
    for (std::uint64_t customer = 0; customer < customers; ++customer) {
      const fingerprint print = line_of(customer).customer;
      if (!set.remove(std::span(&print, 1))) ::_exit(1);
      word = {customer, version};  // the admit and the settle
      if (::write(tell, word.data(), sizeof word) != sizeof word) ::_exit(1);
      ++here.generation;
      const known_line line = line_of(customer, version);
      if (!set.insert(std::span(&line, 1))) ::_exit(1);
    }
  }
}

TEST_CASE("lines: killed in the middle there is never a wrong entry") {
  for (std::size_t words = 1; words < 400; words += 57) {
    set_bench here;
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) work_until_killed(here, pipe[1]);
    ::close(pipe[1]);
    std::array<std::uint64_t, 50> current{};
    std::array<std::uint64_t, 2> word{};
    std::size_t read = 0;
    while (::read(pipe[0], word.data(), sizeof word) == sizeof word) {
      current.at(word[0]) = word[1];
      if (++read == words) ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(pipe[0]);
    CHECK(WIFSIGNALED(status));
    here.generation = static_cast<std::int64_t>(read);
    const line_set_file set = here.open();
    const std::string why = set.discarded();
    const bool fair = why.empty() || why == "its last record is torn";
    CHECK_MESSAGE(fair, why);
    for (std::size_t at = 0; at < set.size(); ++at) {
      const known_line line = set.at(at);
      if (set.find_customer(line.customer) != at) continue;
      CHECK(line.line == line_of(line.customer.low, current.at(line.customer.low)).line);
    }
  }
}

}  // namespace
}  // namespace patchbay::testing
