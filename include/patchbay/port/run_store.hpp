// The store as people and other processes see it: runs, dead letters, counts, and requests that
// a command leaves for the owner of the state. Blocking, on the store's lane or, read-only, in
// any process. Every call that changes something is one durable transaction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/model/drop.hpp"
#include "patchbay/model/explanation.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

struct run_record {
  std::string run;
  std::string job;
  std::string outcome;  ///< as in the run's JSON
  bool dry_run = false;
  wall_time started_at{};
  wall_time finished_at{};
  std::string json;  ///< the run's JSON, one line a drop
};

/// A run that has written to the API and told nothing: it goes on, or its process was killed.
struct unreported_run {
  std::string run;
  std::string job;
  wall_time at{};  ///< of what it wrote last
};

struct job_counts {
  std::int64_t pending = 0;
  std::optional<wall_time> oldest_pending;  ///< admission of the oldest drop with pending rows
  std::int64_t dead_letters = 0;            ///< customers that have one
  std::map<std::string, std::int64_t> letters_by_code;  ///< customers; one may have several
  std::int64_t waived = 0;
  std::optional<wall_time> last_success;  ///< end of the last run with outcome done
  std::optional<wall_time> last_run;      ///< end of the last one that did not fail as a whole
};

struct window_use {
  request_class kind = request_class::patch;
  std::int64_t held = 0;  ///< slots of this class released less than `per` ago, or in flight
};

enum class request_kind { approve, discard, retry_dead, retry_all_dead, drop_dead };

/// Left by a command beside the owner; the owner (or the next one) carries it out and erases it.
struct owner_request {
  std::int64_t number = 0;
  request_kind kind = request_kind::retry_dead;
  std::string job = {};  ///< approve, discard: whose drop; empty: the one that has it
  std::string subject;   ///< a drop's name or a customer's key
  std::string who;       ///< user name of the asker
  wall_time at{};
};

/// The last scheduled moment of a job whose run was made.
struct served_schedule {
  std::string schedule;  ///< as configured; another one has served nothing yet
  wall_time moment{};
};

class run_store {
 public:
  virtual ~run_store() = default;
  virtual void save_run(const run_record& run) = 0;  ///< inserts or replaces
  [[nodiscard]] virtual std::optional<run_record> find_run(std::string_view run) = 0;
  /// The newest first.
  [[nodiscard]] virtual std::vector<run_record> runs(std::size_t most) = 0;

  /// Whoever wrote last of all, unless its run is saved, or a later one of the job.
  [[nodiscard]] virtual std::optional<unreported_run> unreported() = 0;

  [[nodiscard]] virtual std::vector<dead_letter> dead_letters(std::string_view job) = 0;
  [[nodiscard]] virtual std::vector<reject_entry> rejects(drop_number drop) = 0;
  /// Of each field of the customer the last event of the history.
  [[nodiscard]] virtual std::vector<field_event> last_events(std::string_view job,
                                                             std::string_view key) = 0;
  /// The job that the run wrote for, or admitted a drop of, and what was confirmed of what it
  /// wrote, in its order; an empty name: nothing is known of it.
  [[nodiscard]] virtual std::pair<std::string, std::vector<written_field>> written_by(
      std::string_view run) = 0;
  /// Customers whose row of a drop that this run admitted, or was the first to send from, still
  /// waits, or is refused: what is left of a run that did not end.
  [[nodiscard]] virtual std::vector<std::string> left_by(std::string_view run) = 0;
  [[nodiscard]] virtual job_counts counts(std::string_view job) = 0;
  [[nodiscard]] virtual std::int64_t slots_held(request_class kind, nanoseconds per,
                                                instant now) = 0;

  /// Forgets runs and history that ended before that moment, and the refused rows of drops that
  /// were claimed before it. Levels, drops and dead letters stay. How many rows went.
  virtual std::int64_t forget_history(wall_time before) = 0;

  /// Whether the last access token was of a test organization, whose limits are half of the live
  /// ones; nullopt: none was seen yet.
  [[nodiscard]] virtual std::optional<bool> test_mode() = 0;
  virtual void save_test_mode(bool test) = 0;
  [[nodiscard]] virtual std::optional<served_schedule> served(std::string_view job) = 0;
  virtual void save_served(std::string_view job, const served_schedule& done) = 0;

  virtual void leave_request(const owner_request& request) = 0;
  [[nodiscard]] virtual std::vector<owner_request> requests() = 0;
  virtual void erase_request(std::int64_t number) = 0;
  /// Makes dead letters of the key (empty: of all) due at once. The number of customers.
  virtual std::int64_t retry_dead(std::string_view key, wall_time now) = 0;
  /// Takes the dead letters of the key away and waives the refused values: they no longer count
  /// as wanted until the ERP says something new. The number of customers.
  virtual std::int64_t drop_dead(std::string_view key, std::string_view who, wall_time now) = 0;
};

}  // namespace patchbay
