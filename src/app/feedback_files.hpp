// What goes back to the producer, in the job's feedback/: DROP.ack.json, the JSON of the run with
// the whole drop's totals, rewritten until nothing of it is pending, and DROP.rejected.csv, the
// refused rows to be corrected and dropped again. Never worth a failure: what cannot be written is
// noted, for the store has it all. Owned by a command, loop thread.
#pragma once

#include "patchbay/adapter/csv/rejected_rows.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {

class feedback_files {
 public:
  feedback_files(composition& all, observer& watcher) : all_(all), watcher_(watcher) {}

  /// A run's report of a drop, as the run ended.
  void tell(const run_report& report);
  /// The totals of a drop of an earlier run have changed.
  void tell(const drop_record& drop);

 private:
  void write_rejected(const job_spec& job, const drop_record& drop);
  [[nodiscard]] refused_lines refused_of(const drop_record& drop);
  void note(const fault& why, const drop_record& drop);

  composition& all_;
  observer& watcher_;
};

}  // namespace patchbay
