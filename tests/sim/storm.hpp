// One seed played against the real engine: drops come while it delivers, the network and the API
// fail, another system writes beside it, and it is killed, drained and started again. Then calm,
// until everything is settled. The store, the folders, the network and the API outlive the lives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bystander.hpp"
#include "erp.hpp"
#include "evidence.hpp"
#include "life.hpp"
#include "pace_check.hpp"
#include "patch_body.hpp"
#include "patchbay/engine/reverting.hpp"
#include "scenario.hpp"
#include "temp_folder.hpp"

namespace patchbay::sim {

/// A process beside the owner, and when it is killed.
struct running_other {
  std::unique_ptr<bystander> process;
  int steps_left = 0;
};

/// A drop that patchbay wrote itself.
struct own_drop {
  std::filesystem::path file;
  std::string job;
  std::int64_t rows = 0;
  std::map<std::string, put_backs> back = {};  ///< of a revert, by key
};

/// A dead letter that was written.
struct told_letter {
  instant at{0};
  std::string customer;
  std::string code;
};

// What the ERP's cells mean (storm_words.cpp)
/// The mapped field that a column speaks of.
[[nodiscard]] std::string field_of(const std::string& column);
/// A value as a cell says it; an empty one clears.
[[nodiscard]] value wanted_of(const std::string& column, const std::string& cell);
/// Empty as well where nothing was said.
[[nodiscard]] std::string cell_of(const std::map<std::string, last_word>& said,
                                  const std::string& key, const std::string& column);

class storm {
 public:
  explicit storm(scenario told);
  ~storm();

  /// Everything from beginning to end.
  void pass();
  /// What must always hold and did not, in sentences.
  [[nodiscard]] const objections& found() const { return found_; }
  [[nodiscard]] const journal& told() const { return journal_; }
  /// Our own requests, whatever became of them.
  [[nodiscard]] const std::vector<tried>& tries() const { return tries_; }
  [[nodiscard]] const std::vector<told_letter>& letters() const { return letters_; }
  /// How often the engine wrote, synced or renamed until the storm was over.
  [[nodiscard]] std::int64_t disk_calls() const { return disk_calls_; }

 private:
  // What happens around the engine (storm_world.cpp)
  void plan();
  void listen();
  void stage_drop(const erp_drop& drop);
  void decide(const erp_drop& drop);
  void stop_to_undo(const undoing& one);
  [[nodiscard]] const own_drop* write_own_drop(const undoing& one);
  void leave(request_kind kind, const std::string& subject);
  void edit(const foreign_edit& one);
  void drift_off(const drift& one);
  void adopt_what_drifted();
  void spend(const neighbour& one);
  void begin_other(const other_process& one);
  [[nodiscard]] bool step_others();
  void look_at_foreign();
  [[nodiscard]] const job_spec& job_of(const std::string& body) const;
  void note_try(const request& what, int process);
  void note(event one);
  void note_commit(const delivery_op& op, const op_result& made);
  void note_lease(const lease_request& asked);
  void note_admit(drop_number drop, const std::set<std::string>& raised);
  [[nodiscard]] life_parts parts_of(int process);
  void begin_life();
  void one_life();
  void kill(const planned_kill& how);
  [[nodiscard]] bool lives_process(const std::string& name) const;
  void mend_full_disk();
  void wait_until(instant moment);
  void calm_down();
  [[nodiscard]] bool all_settled();
  [[nodiscard]] bool drops_wait();

  // The ERP's last word (storm_words.cpp)
  using words = std::map<std::string, last_word>;
  [[nodiscard]] words last_said(const std::string& job);
  [[nodiscard]] bool may_stay_rejected(const words& said, const std::string& key);
  [[nodiscard]] bool waits_for_address(const words& said, const std::string& key);
  void say_what_was_put_back(words& said, const std::string& job);
  [[nodiscard]] bool is_own(const drop_record& drop) const { return own_.contains(drop.file); }
  [[nodiscard]] bool is_waived(const std::string& key, const std::string& column);
  [[nodiscard]] std::set<std::string> circle_of(const words& said, const std::string& key);

  // What it is judged by (storm_check.cpp)
  [[nodiscard]] bool let_through(const erp_drop& drop) const;
  void check_state();
  void check_outcome();
  void check_order();
  void check_values(const last_word& word, const twin::customer& there);
  void check_circles(const words& said);
  void check_calm_verify();
  void check_evidence();
  void check_outages();
  [[nodiscard]] request_log own_log() const;
  void check_second_job();
  [[nodiscard]] std::vector<const erp_drop*> admitted(const std::string& job);
  void object(objections more);

  scenario told_;
  testing::temp_folder folder_;
  virtual_clock time_;
  twin::rules api_;
  network wires_;
  journal journal_;
  std::vector<tried> tries_;
  std::vector<heard> heard_;  ///< in the order of their ends
  births engines_;            ///< when each began, by process
  std::vector<told_letter> letters_;
  std::optional<undoing> next_undoing_;
  std::set<std::pair<std::string, std::string>> drifted_;  ///< key and field
  std::map<std::string, own_drop> own_;                    ///< by name
  std::int64_t commits_ = 0;                               ///< operations that were committed
  std::set<std::uint64_t> second_saying_;                  ///< of the twin's log: not our doing
  objections found_;
  std::map<std::string, std::string> keys_;     ///< by id
  std::map<std::string, std::string> foreign_;  ///< by key, as the API holds it
  std::unique_ptr<life> life_;
  std::map<int, running_other> others_;  ///< by process
  int processes_ = 0;
  int owner_ = 0;  ///< the process of life_
  int tokens_ = 0;
  std::int64_t disk_calls_ = 0;
  int lives_ = 0;
  int boots_ = 0;
  instant booted_{0};
  bool machine_is_down_ = false;  ///< between two boots: nobody runs
  bool doomed_ = false;           ///< a kill has been called for, and comes after `steps_left_`
  int steps_left_ = 0;
  nanoseconds down_{0};
  bool stormy_ = true;
  nanoseconds wall_is_ahead_{0};
  bool mending_ = false;
};

}  // namespace patchbay::sim
