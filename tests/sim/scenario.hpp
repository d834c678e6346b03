// One seed's story, made before it begins: the configuration, who the customers are, what the ERP
// drops and when, what goes wrong on the way, and when the engine is killed. Plain values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "chance.hpp"
#include "failing_disk.hpp"
#include "patchbay/adapter/rehearsal/network.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/port/run_store.hpp"
#include "patchbay/twin/rules.hpp"

namespace patchbay::sim {

/// A row of a drop: cells by column name. `broken`: it cannot be mapped.
struct drop_row {
  std::string key;
  std::map<std::string, std::string> cells;
  bool broken = false;
};

struct erp_drop {
  std::string job = "erp";
  instant at{0};
  std::string file;
  std::vector<drop_row> rows;
  bool reverts = false;  ///< takes back what the drop before it changed
  bool quoted = false;   ///< the same values, written in another way
  std::string marker;    ///< in every row of a drop that must be held
  std::string decision;  ///< approve, discard or nothing
  instant decided_at{0};
};

[[nodiscard]] std::string csv_of(const erp_drop& drop);

/// The engine ends so many steps of its loop after a moment, and starts again after a pause.
struct planned_kill {
  instant at{0};
  int at_token = 0;  ///< above 0: when the how-manieth token request leaves, instead of `at`
  int steps = 0;
  nanoseconds down{0};
  bool new_boot = false;
  bool drained = false;  ///< told to end, instead of killed
};

/// This machine's wall clock is set, by so much; what counts seconds goes on.
struct clock_step {
  instant at{0};
  nanoseconds by{0};
};

/// The other system writes its own metadata key.
struct foreign_edit {
  instant at{0};
  std::string key;
  std::string text;
};

/// The other system writes a field of ours: what we believe of it is no longer true.
struct drift {
  instant at{0};
  std::string key;
  std::string column;  ///< tax, segment or limit
  std::string text;
};

/// An operator's command beside the engine, or before it is there.
struct command {
  instant at{0};
  request_kind kind = request_kind::retry_all_dead;
  std::string subject;  ///< a drop's name or a customer's key
};

/// An operator ends the engine, has the last run that wrote taken back (`revert`), or what the API
/// holds taken over (`adopt`), and starts the engine again.
struct undoing {
  instant at{0};
  bool adopts = false;
};

/// `verify`, or a dry run of a drop, as a process of its own on the same state.
struct other_process {
  instant at{0};
  int plans = -1;  ///< which of the drops; -1: it verifies
  int steps = 0;   ///< above 0: killed after so many steps
};

/// Somebody behind the same address, who spends the quota.
struct neighbour {
  instant from{0};
  instant until{0};
  request_class kind = request_class::patch;
  nanoseconds every{0};
};

/// What the network does to a request on its own.
struct weather {
  double unsent = 0;     ///< no connection
  double lost = 0;       ///< never arrives, and nobody says so
  double cut_off = 0;    ///< a reset before it arrives
  double unheard = 0;    ///< the answer is lost, the sender sees a reset
  double impatient = 0;  ///< something between cuts a request that is not answered
  double doubled = 0;    ///< said twice to the API
  double shuffled = 0;   ///< the answer is overtaken by others
  double slow_reads = 0;
  nanoseconds slow_by{0};
};

struct scenario {
  std::uint64_t seed = 0;
  settings config;
  twin::rules_options api;
  int customers = 0;
  std::vector<erp_drop> drops;
  std::vector<twin::fault_rule> faults;
  bool others_spend = false;  ///< somebody behind the same address: 429s though we keep our limits
  std::string refused_text;   ///< a tax code that the API never takes; empty: none
  weather net;
  std::vector<outage> outages;
  std::vector<neighbour> neighbours;
  std::vector<command> commands;
  std::vector<undoing> undoings;
  std::vector<other_process> others;
  nanoseconds late_by{0};  ///< how late the API applies what it does not answer
  std::vector<planned_kill> kills;
  std::vector<foreign_edit> edits;
  std::vector<drift> drifts;  ///< where there are some, the calm begins with an `adopt`
  std::vector<clock_step> steps;
  disk_fault disk;
  nanoseconds disk_full_for{0};
  bool as_daemon = false;
  bool moves_emails = false;  ///< addresses go from customer to customer
  nanoseconds slow_disk{0};
  instant storm_ends{0};
  bool strict = false;  ///< also what is known to be wrong is objected to
};

[[nodiscard]] std::string key_of(int customer);  ///< from 1
[[nodiscard]] scenario make_scenario(std::uint64_t seed);
/// One drop, a second after the beginning, changes e-mail and metadata of every customer; nothing
/// goes wrong.
[[nodiscard]] scenario make_quiet_scenario(int customers);
/// A few customers and two drops on a quiet day, all of which takes some hundred writes.
[[nodiscard]] scenario make_short_scenario();

}  // namespace patchbay::sim
