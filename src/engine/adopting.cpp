#include "patchbay/engine/adopting.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "patchbay/engine/values_drop.hpp"

namespace patchbay {
namespace {

constexpr std::size_t page_customers = 1'000;

}  // namespace

std::int64_t write_adopt_drop(intake_store& store, const job_spec& job, std::ostream& out) {
  out << adopt_header();
  std::int64_t written = 0;
  std::string after;
  for (;;) {
    const std::vector<std::string> keys = store.keys_after(job.name, after, page_customers);
    if (keys.empty()) return written;
    after = keys.back();
    std::vector<customer_levels> levels = store.lookup(job.name, keys);
    std::sort(levels.begin(), levels.end(),
              [](const auto& one, const auto& other) { return one.key < other.key; });
    for (const customer_levels& one : levels) {
      if (one.id.empty()) continue;
      out << adopt_row(one.key);
      ++written;
    }
  }
}

}  // namespace patchbay
