// The store in one SQLite file: wanted and acknowledged levels, doubts, dead letters, drops, runs,
// history, window slots and requests of other processes. Implements all three store ports.
// One connection; called on the store's lane. Several processes may have the same file open: the
// owner of the state writes levels, anybody leases slots and leaves requests. docs/formats.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "patchbay/port/delivery_store.hpp"
#include "patchbay/port/intake_store.hpp"
#include "patchbay/port/run_store.hpp"

namespace patchbay {

struct sqlite_options {
  std::filesystem::path path;  ///< of the database file; empty: in memory
  std::string boot_id;         ///< slots of another boot count as released at opening
  std::string process;         ///< token of this process, e.g. pid:start time
  /// Whether the process of a token still runs; leases of a dead one count as released when they
  /// are found. Absent: every other process counts as dead.
  std::function<bool(const std::string&)> process_alive = {};
  /// The time once a transaction has begun, which may have waited for other processes. Absent: as
  /// the caller says.
  std::function<instant()> now = {};
  /// Looks at a state that is there, and writes nothing, not even slots: for a disk that takes no
  /// more. Whatever would write throws.
  bool read_only = false;
};

/// Brings what the store holds of a job into the form in which the configuration has it kept now.
struct kept_form {
  std::function<void(customer_levels&)> customer;
  std::function<void(wanted_row&)> wanted;
};

class sqlite_store final : public intake_store, public delivery_store, public run_store {
 public:
  /// Opens, migrates, and takes over slots of other boots. Throws store_error.
  sqlite_store(sqlite_options options, instant now);
  ~sqlite_store() override;

  /// From now on everything that is read of the job is brought into this form first.
  void keep_in(std::string_view job, kept_form form);
  /// The mark of the seal's key that what is veiled here was veiled with; empty: nobody has said.
  [[nodiscard]] std::string seal_mark();
  /// The key from now on. `other`: what was veiled with the one before is unknown, as a hash that
  /// nobody can compare says nothing. How many customers had such a value.
  std::int64_t take_seal(const std::string& mark, bool other);

  /// Grows with every admit of the job that changes a customer: what its line set is bound to.
  std::int64_t generation(std::string_view job);

  store_identity identity() override;
  drop_number register_drop(const drop_record& record) override;
  void update_drop(const drop_record& record) override;
  std::vector<drop_record> drops(std::string_view job) override;
  std::vector<customer_levels> lookup(std::string_view job,
                                      std::span<const std::string> keys) override;
  std::vector<std::pair<std::string, std::string>> owners(
      std::string_view job, std::span<const std::string> ids) override;
  std::vector<std::string> keys_after(std::string_view job, std::string_view after,
                                      std::size_t most) override;
  std::int64_t known_customers(std::string_view job) override;
  void learn(std::string_view job, std::span<const learned_customer> customers) override;
  void stage(std::string_view job, drop_number drop, std::span<const staged_row> rows) override;
  void admit(drop_number drop, const totals& planned, wall_time now) override;
  void unstage(drop_number drop) override;
  void save_rejects(drop_number drop, std::span<const reject_entry> rejects) override;
  std::vector<std::pair<std::string, std::string>> groups() override;
  void save_groups(std::span<const std::pair<std::string, std::string>> groups) override;

  std::vector<customer_levels> pending(std::string_view job, const pending_cursor& after,
                                       std::size_t most, wall_time now) override;
  std::vector<customer_levels> forgotten(std::string_view job, const std::string& after,
                                         std::size_t most, wall_time now) override;
  std::int64_t count_pending(std::string_view job, wall_time now) override;
  std::vector<customer_levels> refused_addresses(std::string_view job) override;
  std::vector<op_result> commit(std::span<const delivery_op> ops, instant now) override;
  void recover(instant now, nanoseconds prove_after) override;

  void save_run(const run_record& run) override;
  std::optional<run_record> find_run(std::string_view run) override;
  std::vector<run_record> runs(std::size_t most) override;
  std::optional<unreported_run> unreported() override;
  std::vector<dead_letter> dead_letters(std::string_view job) override;
  std::vector<reject_entry> rejects(drop_number drop) override;
  std::vector<field_event> last_events(std::string_view job, std::string_view key) override;
  std::pair<std::string, std::vector<written_field>> written_by(std::string_view run) override;
  std::vector<std::string> left_by(std::string_view run) override;
  job_counts counts(std::string_view job) override;
  std::int64_t slots_held(request_class kind, nanoseconds per, instant now) override;
  std::int64_t forget_history(wall_time before) override;
  std::optional<bool> test_mode() override;
  void save_test_mode(bool test) override;
  std::optional<served_schedule> served(std::string_view job) override;
  void save_served(std::string_view job, const served_schedule& done) override;
  void leave_request(const owner_request& request) override;
  std::vector<owner_request> requests() override;
  void erase_request(std::int64_t number) override;
  std::int64_t retry_dead(std::string_view key, wall_time now) override;
  std::int64_t drop_dead(std::string_view key, std::string_view who, wall_time now) override;

  struct parts;  ///< private to src/adapter/store

 private:
  std::unique_ptr<parts> parts_;
};

}  // namespace patchbay
