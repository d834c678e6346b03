// Budgets: how much one drop may change before it is held for an operator. They count what this
// drop changes in `wanted`, never backlog. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/job.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

/// A share is exceeded only when more rows than this are concerned: small drops are no accidents.
constexpr std::int64_t always_allowed_rows = 10;

struct field_measure {
  std::int64_t changes = 0;
  std::int64_t clears = 0;  ///< among the changes: the new value is null
};

/// What a planned drop would do, in numbers.
struct drop_measures {
  std::int64_t rows = 0;                              ///< data rows read
  std::int64_t known = 0;                             ///< customers known after resolve
  std::int64_t changes = 0;                           ///< customers whose wanted would change
  std::int64_t rejects = 0;                           ///< rows refused while planning
  std::optional<std::int64_t> absent = std::nullopt;  ///< nullopt: a delta, absence means nothing
  std::int64_t present_before = 0;  ///< customers of the last snapshot: what `absent` is a share of
  std::map<std::string, field_measure, std::less<>> fields = {};
};

/// Every budget with its limit and value in the same unit: changes, rejects, absent (snapshots),
/// fields.<name>.changes, fields.<name>.clears.
[[nodiscard]] std::vector<budget_entry> weigh(const budget_spec& spec,
                                              const drop_measures& measured);

/// 0.2 → "20%", 0.00031 → "0.03%"; a share too small to show is still not nothing.
[[nodiscard]] std::string percent_text(double share);

/// "changes: 35% is more than the allowed 20%; …"; empty when nothing is exceeded.
[[nodiscard]] std::string exceeded_in_words(const std::vector<budget_entry>& weighed);

}  // namespace patchbay
