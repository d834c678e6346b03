// Moves between file systems, which a test can only see from below the inbox.
#include "drop_file.hpp"

#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <unistd.h>

#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;
namespace fs = std::filesystem;

TEST_CASE("drop file: a move between file systems copies the bytes, then takes the source away") {
  const temp_folder folder;
  std::string pattern = "/dev/shm/patchbay-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) return;  // no second file system to be had
  const fs::path far = pattern;
  std::ofstream(far / "a.csv") << "bytes";
  {
    const result<open_folder> from = open_directory(far);
    const result<open_folder> to = open_directory(folder.path());
    REQUIRE(from.has_value());
    REQUIRE(to.has_value());
    folder.write("a.csv", "taken");
    const result<std::string> moved = move_durably(*from, "a.csv", *to, "a.csv");
    REQUIRE(moved.has_value());
    CHECK(*moved == "a-2.csv");
  }
  std::ifstream moved(folder.path() / "a-2.csv");
  CHECK(std::string(std::istreambuf_iterator<char>(moved), {}) == "bytes");
  CHECK(fs::is_empty(far));
  CHECK_FALSE(fs::exists(folder.path() / ".a.csv.part"));
  fs::remove_all(far);
}

TEST_CASE("drop file: a name that cannot be written says in which folder and why") {
  const temp_folder folder;
  folder.write("a.csv", "1");
  fs::create_directory(folder.path() / "to");
  const result<open_folder> from = open_directory(folder.path());
  const result<open_folder> to = open_directory(folder.path() / "to");
  REQUIRE(from.has_value());
  REQUIRE(to.has_value());
  const result<std::string> refused =
      move_durably(*from, "a.csv", *to, std::string(300, 'n') + ".csv");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "DROP_NOT_MOVED");
  CHECK(refused.error().message.find((folder.path() / "to").string()) != std::string::npos);
  CHECK(fs::exists(folder.path() / "a.csv"));
}
