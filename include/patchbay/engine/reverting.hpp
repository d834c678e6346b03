// Reverting a run: of every field that it wrote, the value from before becomes wanted again. What
// was changed since, or cannot be said again, is left as it is and listed: looked at when the drop
// is written, and again whenever it is planned, for it may have been held meanwhile. Pure, but for
// what is given a store.
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "patchbay/model/explanation.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/port/intake_store.hpp"
#include "patchbay/port/run_store.hpp"

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

/// What the store knows of a run. Blocking.
struct run_traces {
  std::string job;  ///< empty: nothing is known of it
  std::vector<written_field> written;
  std::vector<std::string> left;
  [[nodiscard]] bool empty() const { return written.empty() && left.empty(); }
};
[[nodiscard]] run_traces traces_of(const std::string& run, run_store& store);
/// `reverse_run` with the customers as they stand in the store. Blocking.
[[nodiscard]] reversal reverse_run(const job_spec& job, const run_traces& run, intake_store& store);
/// As a drop of our own (values_drop.hpp).
void write_revert_drop(const job_spec& job, const reversal& made, std::ostream& out);

}  // namespace patchbay
