// What happens, step by step on stderr, for whoever looks into a seed: with PATCHBAY_TRACE=1.
#pragma once

#include <string>

#include "patchbay/model/instant.hpp"

namespace patchbay::sim {

void trace(const std::string& words);
void trace(instant at, const std::string& words);

/// While it lives, nothing is told.
class untold {
 public:
  untold();
  ~untold();
  untold(const untold&) = delete;
  untold& operator=(const untold&) = delete;
};

}  // namespace patchbay::sim
