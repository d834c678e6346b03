// One seed played against the real engine: drops come while it delivers, the network and the API
// fail, another system writes beside it, and it is killed, drained and started again. Then calm,
// until everything is settled. The store, the folders, the network and the API outlive the lives.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "evidence.hpp"
#include "life.hpp"
#include "patch_body.hpp"
#include "scenario.hpp"
#include "temp_folder.hpp"

namespace patchbay::sim {

class storm {
 public:
  explicit storm(scenario told);
  ~storm();

  /// Everything from beginning to end.
  void pass();
  /// What must always hold and did not, in sentences.
  [[nodiscard]] const objections& found() const { return found_; }
  [[nodiscard]] std::size_t requests() const { return api_.log().size(); }
  [[nodiscard]] int lives() const { return lives_; }
  /// How often the engine wrote, synced or renamed until the storm was over.
  [[nodiscard]] std::int64_t disk_calls() const { return disk_calls_; }

 private:
  void plan();
  void listen();
  void stage_drop(const erp_drop& drop);
  void decide(const erp_drop& drop);
  void edit(const foreign_edit& one);
  void look_at_foreign();
  void note(event one);
  void note_commit(const delivery_op& op, const op_result& made);
  void note_admit(drop_number drop, const std::set<std::string>& raised);
  void begin_life();
  void one_life();
  void kill(const planned_kill& how);
  void mend_full_disk();
  void wait_until(instant moment);
  void calm_down();
  [[nodiscard]] bool all_settled();
  [[nodiscard]] bool may_stay_rejected(const std::string& key);

  void check_state();
  void check_outcome();
  void check_order();
  void check_values(const std::string& key, const twin::customer& there);
  void check_evidence();
  [[nodiscard]] std::vector<const erp_drop*> admitted();
  void object(objections more);

  scenario told_;
  testing::temp_folder folder_;
  virtual_clock time_;
  twin::rules api_;
  network wires_;
  journal journal_;
  objections found_;
  std::map<std::string, std::string> keys_;     ///< by id
  std::map<std::string, std::string> foreign_;  ///< by key, as the API holds it
  std::unique_ptr<life> life_;
  std::int64_t disk_calls_ = 0;
  int lives_ = 0;
  int boots_ = 0;
  instant booted_{0};
  bool doomed_ = false;  ///< a kill has been called for, and comes after `steps_left_`
  int steps_left_ = 0;
  nanoseconds down_{0};
  bool stormy_ = true;
  nanoseconds wall_is_ahead_{0};
  bool mending_ = false;
};

}  // namespace patchbay::sim
