#include "trace.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>

namespace patchbay::sim {
namespace {

int silenced = std::getenv("PATCHBAY_TRACE") == nullptr ? 1 : 0;

}  // namespace

void trace(const std::string& words) {
  if (silenced == 0) std::cerr << words << '\n';
}

void trace(instant at, const std::string& words) {
  if (silenced == 0)
    std::cerr << std::chrono::duration<double>(at).count() << "  " << words << '\n';
}

untold::untold() {
  ++silenced;
}

untold::~untold() {
  --silenced;
}

}  // namespace patchbay::sim
