// Another process on the same state, beside the owner: `verify`, or the dry run of a drop. It
// leases the slots of its GETs, and may be killed at any step. On its own loop; who plays the owner
// gives it its steps.
#pragma once

#include <exception>
#include <filesystem>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "life.hpp"
#include "patchbay/model/drift.hpp"

namespace patchbay::sim {

class bystander {
 public:
  /// `dry_run_of`: a drop; nullopt: it verifies. `parts.process` is its own.
  bystander(life_parts parts, std::optional<std::filesystem::path> dry_run_of);
  ~bystander();

  /// False: it waits, or has ended.
  [[nodiscard]] bool step();
  /// Ended by itself, also by a failing disk.
  [[nodiscard]] bool ended() const { return ended_; }
  /// What a verification found; nullopt: it has not, or was stopped.
  [[nodiscard]] const std::optional<drift_report>& found() const { return found_; }
  [[nodiscard]] static std::string name_of(int process);

 private:
  [[nodiscard]] boost::asio::awaitable<void> look(std::optional<std::filesystem::path> dry_run_of);
  [[nodiscard]] intake_parts parts_of_intake();

  life_parts parts_;
  const job_spec& job_;
  std::unique_ptr<boost::asio::io_context> loop_;
  booted_clock time_;
  slow_disk disk_;
  lane lane_;
  silent_observer watcher_;
  sqlite_store store_;
  sodium_seal seal_;
  csv_drop_opener opener_;
  line_set_file lines_;
  std::unique_ptr<exchange_factory> api_;
  std::unique_ptr<delivery> delivery_;
  std::optional<drift_report> found_;
  bool ended_ = false;
};

}  // namespace patchbay::sim
