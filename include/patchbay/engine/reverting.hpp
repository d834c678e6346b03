// Reverting a run: of every field that it wrote, the value from before becomes wanted again. What
// was changed since, or cannot be said again, is left as it is and listed: looked at when the drop
// is written, and again whenever it is planned, for it may have been held meanwhile. Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "patchbay/model/explanation.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

/// A field on its way back.
struct put_back {
  value from;  ///< what the run wrote: its place is taken, and no other value's
  value to;    ///< what stood there before the run
  friend bool operator==(const put_back&, const put_back&) = default;
};
using put_backs = std::map<std::string, put_back, std::less<>>;

struct reversal {
  std::map<std::string, put_backs> back;  ///< by key
  std::vector<skipped_field> skipped;
};

/// As it stands in a revert's drop: {"from":…,"to":…}.
[[nodiscard]] value cell_of(const put_back& field);
[[nodiscard]] std::optional<put_back> read_put_back(const value& cell);
/// Why `from` is not what the field holds any more, or may not be; empty: it can be put back.
[[nodiscard]] std::string why_it_stays(const customer_levels& now, const std::string& name,
                                       const value& from);

/// `written`: what the run wrote in customers of this job, in its order; `left`: customers whose
/// row of the run's drop waits still, which is taken back; `now`: all of them.
[[nodiscard]] reversal reverse_run(const job_spec& job, std::span<const written_field> written,
                                   std::span<const std::string> left,
                                   std::span<const customer_levels> now);

}  // namespace patchbay
