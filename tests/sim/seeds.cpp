#include "seeds.hpp"

#include <cstdlib>

namespace patchbay::sim {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

void for_each_seed(std::uint64_t usual, const std::function<void(std::uint64_t)>& play) {
  const std::uint64_t only = number_from("PATCHBAY_SEED", 0);
  const std::uint64_t last = only == 0 ? number_from("PATCHBAY_SEEDS", usual) : only;
  for (std::uint64_t seed = only == 0 ? 1 : only; seed <= last; ++seed) play(seed);
}

}  // namespace patchbay::sim
