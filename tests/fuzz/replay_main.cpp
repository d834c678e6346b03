// Plays the corpus through a target where there is no libFuzzer, and random changes of it: TARGET
// FOLDER. PATCHBAY_FUZZ_ROUNDS=N changes (2,000), PATCHBAY_FUZZ_SEED=N from this seed (1); what
// breaks is told by its round, and lies in the file that is named.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "fuzz_target.hpp"

namespace {

namespace fs = std::filesystem;

std::string played;  // what the target is working on

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void keep_played(int number) {
  const std::string name = "broken-" + std::to_string(std::hash<std::string>{}(played)) + ".input";
  std::ofstream(name, std::ios::binary) << played;
  std::fprintf(stderr, "the input that broke it lies in %s\n", name.c_str());
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void play(std::string input) {
  played = std::move(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(played.data()), played.size());
}

/// One change: a byte, a bit, a piece taken out, doubled, or of another input.
void change(std::string& input, const std::string& other, std::mt19937_64& dice) {
  static const std::string telling("\0\"';,\n\r\\#\xFF\xFE\xEF\xBB\xBF-.09aZ:=", 22);
  const std::size_t at = input.empty() ? 0 : dice() % input.size();
  const std::size_t size = std::min<std::size_t>(input.size() - at, 1 + dice() % 16);
  switch (dice() % 6) {
    case 0:
      input.insert(at, 1, telling[dice() % telling.size()]);
      break;
    case 1:
      if (!input.empty())
        input[at] = static_cast<char>(static_cast<unsigned char>(input[at]) ^ (1U << (dice() % 8)));
      break;
    case 2:
      input.erase(at, size);
      break;
    case 3:
      input.insert(at, input.substr(at, size));
      break;
    case 4:
      if (!other.empty()) input.insert(at, other.substr(dice() % other.size(), 1 + dice() % 64));
      break;
    case 5:
      if (!input.empty()) input[at] = static_cast<char>(dice());
      break;
    default:
      break;
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return 64;
  std::vector<fs::path> files;
  for (const auto& one : fs::directory_iterator(words[1])) files.push_back(one.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  if (corpus.empty()) return 65;
  for (const int number : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(number, &keep_played);
  for (const std::string& input : corpus) play(input);
  const std::uint64_t rounds = number_from("PATCHBAY_FUZZ_ROUNDS", 2'000);
  std::mt19937_64 dice(number_from("PATCHBAY_FUZZ_SEED", 1));
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::string input = corpus[dice() % corpus.size()];
    const std::string& other = corpus[dice() % corpus.size()];
    for (std::uint64_t left = 1 + dice() % 6; left > 0; --left) change(input, other, dice);
    play(std::move(input));
  }
  std::printf("%llu random changes held\n%zu passed, 0 failed\n",
              static_cast<unsigned long long>(rounds), corpus.size());
  return 0;
}
