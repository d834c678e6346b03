// A set of lines whose file is damaged, cut off or of another version is thrown away, or keeps what
// is whole: it never brings the program down, and never answers with a line that nobody put in.
// The input says how many lines, which file, what is done to it, and with which bytes.
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz_target.hpp"
#include "patchbay/adapter/store/line_set_file.hpp"
#include "temp_folder.hpp"

namespace {

using namespace patchbay;

known_line line_of(std::uint64_t number) {
  return {{number * 3, number}, {number * 5, number}, {number * 7, number}};
}

line_set_options options_in(const std::filesystem::path& folder, std::int64_t generation) {
  line_set_options options;
  options.path = folder / "lines.set";
  options.store_id = "00112233445566778899aabbccddeeff";
  options.generation = [generation] { return generation; };
  options.table_from = 8;
  return options;
}

constexpr std::uint64_t most_lines = 40;

/// A whole set of `count` lines in a fresh folder; some were put in again, some taken out.
void make_set(const std::filesystem::path& folder, std::uint64_t count) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  line_set_file set(options_in(folder, 1));
  std::vector<known_line> lines;
  for (std::uint64_t number = 1; number <= count; ++number) lines.push_back(line_of(number));
  fuzz::promise(set.insert(lines).has_value(), "a set is written");
  if (count > 3) fuzz::promise(set.remove(std::array{line_of(2).customer}).has_value(), "changed");
}

void damage(const std::filesystem::path& file, char how, const std::string& with) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::size_t at = with.empty() || bytes.empty()
                             ? 0
                             : 7 * static_cast<unsigned char>(with.front()) % bytes.size();
  switch (static_cast<unsigned char>(how) % 4) {
    case 0:
      for (std::size_t i = 0; i + 1 < with.size() && at + i < bytes.size(); ++i) {
        bytes[at + i] = static_cast<char>(static_cast<unsigned char>(bytes[at + i]) ^
                                          static_cast<unsigned char>(with[i + 1]));
      }
      break;
    case 1:
      bytes.resize(at);
      break;
    case 2:
      bytes += with;
      break;
    case 3:
      bytes = with;
      break;
    default:
      break;
  }
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 3) return 0;
  static const testing::temp_folder above;
  const std::filesystem::path folder = above.path() / "set";
  const std::string input = fuzz::text_of(bytes, size);
  const std::uint64_t count = bytes[0] % most_lines;
  make_set(folder, count);
  const std::array<const char*, 3> files{"lines.set", "lines.set.table-a", "lines.set.table-b"};
  damage(folder / files[bytes[1] % files.size()], input[2], input.substr(3));

  // The admit for which a line was taken out: a set without a trace of it is of another moment.
  const std::int64_t now = count > 3 ? 2 : 1;
  line_set_file set(options_in(folder, now));
  if (!set.discarded().empty()) fuzz::promise(set.size() == 0, "what is thrown away is empty");
  fuzz::promise(set.size() <= count, "no line comes from nowhere");
  if (count > 3) fuzz::promise(!set.find(line_of(2).line), "what was taken out stays out");
  const known_line fresh = line_of(1'000'001);
  fuzz::promise(set.insert(std::array{fresh}).has_value(), "it can be written again");
  fuzz::promise(set.find(fresh.line).has_value(), "what was put in is found");
  fuzz::promise(set.remove(std::array{fresh.customer}).has_value(), "and taken out");
  fuzz::promise(!set.find(fresh.line), "and gone");
  return 0;
}
