// Which seeds a run plays: PATCHBAY_SEED=N one, PATCHBAY_SEEDS=N so many.
#pragma once

#include <cstdint>
#include <functional>

namespace patchbay::sim {

void for_each_seed(std::uint64_t usual, const std::function<void(std::uint64_t)>& play);

}  // namespace patchbay::sim
