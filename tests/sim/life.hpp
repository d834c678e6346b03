// One process from its start to its end or its crash: the real engine on the real store and files,
// on virtual time. Destroying it in the middle is the crash.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "patchbay/adapter/csv/csv_drop_opener.hpp"
#include "patchbay/adapter/rehearsal/network.hpp"
#include "patchbay/adapter/store/line_set_file.hpp"
#include "patchbay/adapter/store/sodium_seal.hpp"
#include "patchbay/adapter/store/sqlite_store.hpp"
#include "patchbay/adapter/system/folder_inbox.hpp"
#include "patchbay/engine/delivery.hpp"
#include "patchbay/engine/service.hpp"
#include "patchbay/engine/values_drop.hpp"
#include "slow_executor.hpp"
#include "watched_store.hpp"

namespace patchbay::sim {

struct life_parts {
  const settings& config;
  virtual_clock& time;
  network& wires;
  std::uint64_t seed = 0;
  store_ears ears = {};
  std::string boot_id = "one boot";
  instant booted{0};                                   ///< when this machine's instants began
  nanoseconds slowest_call{0};                         ///< of the store and of reading rows
  const nanoseconds* wall_is_ahead = nullptr;          ///< of the world's; nullptr: it is right
  int process = 0;                                     ///< on the world's clock
  std::function<bool(const std::string&)> alive = {};  ///< of other processes on the state
  std::function<bool()> others = {};    ///< a step of other processes; false: they wait
  std::function<void()> on_begin = {};  ///< an engine begins that knows nothing of the target
  std::shared_ptr<const timetable> times =
      std::make_shared<timetable>(timetable_spec{}, nullptr);  ///< by default on arrival
  int most_steps = 5'000'000;                                  ///< more are a hot loop
  std::function<void(const run_report&)> on_report = {};
  std::function<void(std::string_view event)> on_note = {};
};

/// The world's clock, counted from a boot; the wall's as somebody has set it.
class booted_clock final : public clock {
 public:
  booted_clock(virtual_clock& world, instant booted, const nanoseconds* wall_is_ahead)
      : world_(world), booted_(booted), wall_is_ahead_(wall_is_ahead) {}
  [[nodiscard]] instant now() const override { return world_.now() - booted_; }
  [[nodiscard]] wall_time wall() const override;
  [[nodiscard]] std::unique_ptr<alarm> make_alarm() override;

 private:
  virtual_clock& world_;
  instant booted_;
  const nanoseconds* wall_is_ahead_;
};

/// The loop of a process; its alarms are made from here on.
[[nodiscard]] std::unique_ptr<boost::asio::io_context> begin_process(const life_parts& parts);

class silent_observer final : public observer {
 public:
  explicit silent_observer(std::function<void(std::string_view)> on_note = {})
      : on_note_(std::move(on_note)) {}
  void note(severity how, std::string_view event, std::string_view text,
            const log_fields& fields) override;
  void advance(const progress&) override {}

 private:
  std::function<void(std::string_view)> on_note_;
};

/// One job's files.
struct job_desk {
  job_desk(const job_spec& of, const settings& config, sqlite_store& store, bool first);

  const job_spec& job;
  csv_drop_opener opener;
  csv_drop_opener own_opener;
  no_lines own_lines;
  line_set_file lines;
  folder_inbox spool;
};

class life {
 public:
  explicit life(life_parts parts);
  ~life();

  /// The service's pass over each job.
  void run();
  /// Pass after pass with `pause` between them, each with a new engine as `sync` has one, or the
  /// daemon (nullopt), until drain() or a stop that ends it. False: `killed` said so before a step.
  [[nodiscard]] bool live(std::optional<nanoseconds> pause, const std::function<bool()>& killed);
  /// One pass that begins with a file of our own (`adopt`, `revert`). False: as `live`.
  [[nodiscard]] bool pass_over(const std::string& job, std::filesystem::path file,
                               const std::function<bool()>& killed);
  void drain();
  /// Of the pass or the daemon that ended last.
  [[nodiscard]] const std::optional<stop>& stopped() const { return stopped_; }
  [[nodiscard]] sqlite_store& store() { return store_; }

  [[nodiscard]] static std::string name_of(int process);
  /// How a process on this machine opens the state.
  [[nodiscard]] static sqlite_options store_options(const life_parts& parts, std::string process);

 private:
  void begin_engine();
  [[nodiscard]] service_job job_at(job_desk& desk);
  [[nodiscard]] boost::asio::awaitable<void> passes(nanoseconds pause);
  [[nodiscard]] boost::asio::awaitable<void> one_pass();
  [[nodiscard]] boost::asio::awaitable<void> own_pass(std::string job, std::filesystem::path file);
  [[nodiscard]] boost::asio::awaitable<void> serve();
  [[nodiscard]] bool play(boost::asio::awaitable<void> work, const std::function<bool()>& killed);

  life_parts parts_;
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> busy_;
  booted_clock time_;
  slow_disk disk_;
  lane lane_;
  silent_observer watcher_;
  sqlite_store store_;
  watched_delivery settling_;
  watched_intake admitting_;
  sodium_seal seal_;
  std::vector<std::unique_ptr<job_desk>> desks_;
  std::unique_ptr<exchange_factory> api_;
  std::unique_ptr<delivery> delivery_;
  std::unique_ptr<service> service_;
  std::unique_ptr<alarm> bell_;
  std::optional<stop> stopped_;
  bool draining_ = false;
};

}  // namespace patchbay::sim
