// What goes back to the producer, in the job's feedback/: DROP.ack.json, the JSON of the run with
// the whole drop's totals, rewritten until nothing of it is pending, and DROP.rejected.csv, the
// refused rows to be corrected and dropped again. Never worth a failure: what cannot be written is
// noted, for the store has it all. Owned by a command, loop thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "patchbay/adapter/csv/rejected_rows.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {

class feedback_files {
 public:
  /// Writes at once what a process that was killed at the end of a run had not written.
  feedback_files(composition& all, observer& watcher);

  /// A run's report of a drop, as the run ended. What could not be written before is tried again.
  void tell(const run_report& report);
  /// Writes what could not be written before.
  void write_owed();
  /// The totals of a drop of an earlier run have changed.
  void tell(const drop_record& drop);

 private:
  struct owed_file {
    std::string job;
    std::string name;
    std::string text;  ///< a line; of refused rows, which are read again, the drop's number
  };
  void write(const job_spec& job, const drop_record& drop, const run_report& report);
  void read_owed();
  void keep_owed() const;
  void tell_lost(const job_spec& job);
  [[nodiscard]] run_report report_of(const drop_record& drop) const;
  /// No longer owed; true: it was.
  bool forgive(const std::string& job, const std::string& name);
  [[nodiscard]] bool pay(const owed_file& one);
  void write_rejected(const job_spec& job, const drop_record& drop);
  /// False: it could not be written now.
  [[nodiscard]] bool put_rejected(const job_spec& job, const drop_record& drop);
  [[nodiscard]] refused_lines refused_of(const drop_record& drop);
  void note(const fault& why, const drop_record& drop);

  composition& all_;
  observer& watcher_;
  wall_time known_since_{};      ///< the first of the runs whose reports are known
  std::set<std::string> told_;   ///< names and digests of drops that a report told of
  std::vector<owed_file> owed_;  ///< the disk was full, the folder away; kept beside the state
};

}  // namespace patchbay
