#include "patchbay/adapter/system/file_spool.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "temp_folder.hpp"

using namespace patchbay;
using patchbay::testing::temp_folder;

namespace {

std::string read_back(file_spool& spool, std::uint64_t place, std::size_t size) {
  std::string bytes(size, '\0');
  spool.read(place, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("spool: what was appended is read back, from memory and from the disk") {
  const temp_folder folder;
  for (const std::size_t in_memory : {std::size_t{0}, std::size_t{100}, std::size_t{1} << 20U}) {
    file_spool spool(folder.path(), in_memory);
    std::vector<std::uint64_t> places;
    for (std::size_t i = 0; i < 200; ++i) {
      places.push_back(spool.append(std::string(i, static_cast<char>('a' + i % 26))));
    }
    for (const std::size_t i :
         {std::size_t{199}, std::size_t{0}, std::size_t{3}, std::size_t{150}}) {
      CHECK(read_back(spool, places[i], i) == std::string(i, static_cast<char>('a' + i % 26)));
    }
  }
}

TEST_CASE("spool: leaves no name behind, also while it is in use, and does without its folder") {
  const temp_folder folder;
  file_spool spool(folder.path(), 0);
  const std::uint64_t place = spool.append("held");
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(read_back(spool, place, 4) == "held");
  file_spool homeless(folder.path() / "none", 0);
  CHECK(read_back(homeless, homeless.append("also"), 4) == "also");
}
