// A night under one seed: an ERP that drops files, the real intake, delivery, policy and store, a
// network and an API that fail as the seed says, and crashes between any two steps. The store, the
// folders and the API survive a crash; everything else is built anew.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "life.hpp"
#include "patchbay/adapter/rehearsal/network.hpp"
#include "patchbay/adapter/rehearsal/virtual_clock.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/port/intake_store.hpp"
#include "patchbay/twin/rules.hpp"
#include "temp_folder.hpp"

namespace patchbay::sim {

/// What the ERP says of a customer.
struct erp_row {
  std::string email;
  std::string limit;
  std::string group;  ///< code

  friend bool operator==(const erp_row&, const erp_row&) = default;
};
using erp_rows = std::map<std::string, erp_row>;  ///< by key

/// From when to when a customer was settled, as the store said durably, and with which row.
struct settled_span {
  std::string id;
  instant from{0};
  instant until = instant::max();  ///< a drop with other values was delivered
};

class night {
 public:
  explicit night(std::uint64_t seed);
  ~night();

  /// Everything: drops, faults, crashes; then peace, until nothing is pending.
  void pass();
  /// A change that the API applies late, a kill while it is unanswered, and at once a drop in which
  /// the ERP says something else.
  void pass_with_late_changes();
  /// An address that is taken, and a wall clock that is set back once the sending has begun.
  void pass_with_clock_set_back();

  // For the checker
  [[nodiscard]] const twin::rules& api() const { return api_; }
  [[nodiscard]] const network& wires() const { return wires_; }
  [[nodiscard]] const std::vector<settled_span>& settled() const { return settled_; }
  [[nodiscard]] const erp_rows& wanted() const { return wanted_; }
  [[nodiscard]] const settings& config() const { return config_; }
  [[nodiscard]] std::vector<drop_record> drops() const;
  [[nodiscard]] std::vector<customer_levels> levels() const;
  [[nodiscard]] int held_drops() const { return held_; }
  [[nodiscard]] int crashes() const { return crashes_; }

  /// A drop that exceeds a budget holds this text in every e-mail.
  static constexpr const char* held_mark = "never.send.this";

 private:
  enum class ending { ended, crashed };

  void arrange_faults();
  void deliver_drop(erp_rows rows, const std::string& name);
  [[nodiscard]] erp_rows edited(const erp_rows& rows);
  void over_budget_drop();
  /// One pass of the real service, killed as `when` says.
  ending run_once(life::crash when);
  void run_until_it_ends();
  void make_peace();
  [[nodiscard]] bool chance(double share) { return dice_.share() < share; }
  [[nodiscard]] std::uint64_t pick(std::uint64_t below) { return dice_.roll() % below; }
  void note_settled(const std::string& key);
  void expect_balanced() const;

  std::uint64_t seed_;
  twin::dice dice_;
  testing::temp_folder folder_;
  settings config_;
  virtual_clock time_;
  twin::rules api_;
  network wires_;
  erp_rows wanted_;                         ///< the newest drop that is not held
  erp_rows before_;                         ///< the one before it: values that may come back
  std::map<std::string, std::string> ids_;  ///< by key
  std::vector<settled_span> settled_;
  int drops_ = 0;
  int held_ = 0;
  int crashes_ = 0;
  int lives_ = 0;
  nanoseconds wall_is_ahead_{0};
  bool sets_clock_back_ = false;  ///< at the next thing that is committed
};

}  // namespace patchbay::sim
