// One process from its start to its end or its crash: the real engine on the real store and files,
// on virtual time. Destroying it in the middle is the crash.
#pragma once

#include <cstdint>
#include <exception>
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
#include "slow_executor.hpp"

namespace patchbay::sim {

/// Each operation and what the store made of it, durably.
using commit_ear = std::function<void(const delivery_op&, const op_result&)>;

struct life_parts {
  const settings& config;
  virtual_clock& time;
  network& wires;
  std::uint64_t seed = 0;
  commit_ear on_committed;
  std::string boot_id = "one boot";
  instant booted{0};                           ///< when this machine's instants began
  nanoseconds slowest_call{0};                 ///< of the store and of reading rows
  const nanoseconds* wall_is_ahead = nullptr;  ///< of the world's; nullptr: it is right
  std::shared_ptr<const timetable> times =
      std::make_shared<timetable>(timetable_spec{}, nullptr);  ///< by default on arrival
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

/// The store, and a word about everything that it commits.
class watched_store final : public delivery_store {
 public:
  watched_store(delivery_store& inner, commit_ear on_committed)
      : inner_(inner), on_committed_(std::move(on_committed)) {}

  std::vector<customer_levels> pending(std::string_view job, const pending_cursor& after,
                                       std::size_t most, wall_time now) override {
    return inner_.pending(job, after, most, now);
  }
  std::int64_t count_pending(std::string_view job, wall_time now) override {
    return inner_.count_pending(job, now);
  }
  std::vector<op_result> commit(std::span<const delivery_op> ops, instant now) override;
  void recover(instant now, nanoseconds prove_after) override { inner_.recover(now, prove_after); }

 private:
  delivery_store& inner_;
  commit_ear on_committed_;
};

class silent_observer final : public observer {
 public:
  explicit silent_observer(std::function<void(std::string_view)> on_note)
      : on_note_(std::move(on_note)) {}
  void note(severity how, std::string_view event, std::string_view text,
            const log_fields& fields) override;
  void advance(const progress&) override {}

 private:
  std::function<void(std::string_view)> on_note_;
};

class life {
 public:
  explicit life(life_parts parts);
  ~life();

  /// When the process is killed: after so many steps, or at a moment.
  struct crash {
    std::optional<int> steps = std::nullopt;
    std::optional<instant> at = std::nullopt;
  };
  /// Runs the service's pass over the job. True: it ended; false: it was killed before.
  [[nodiscard]] bool run(crash when);
  /// Pass after pass with `pause` between them, or the daemon (nullopt), until drain() or a stop
  /// that ends it. False: `killed` said so before a step.
  [[nodiscard]] bool live(std::optional<nanoseconds> pause, const std::function<bool()>& killed);
  void drain();
  /// Of the pass or the daemon that ended last.
  [[nodiscard]] const std::optional<stop>& stopped() const { return stopped_; }
  [[nodiscard]] sqlite_store& store() { return store_; }

  [[nodiscard]] static sqlite_options store_options(const settings& config,
                                                    const std::string& process = "who looks");

 private:
  [[nodiscard]] service_job the_job();
  [[nodiscard]] boost::asio::awaitable<void> passes(nanoseconds pause);
  [[nodiscard]] boost::asio::awaitable<void> one_pass();
  [[nodiscard]] boost::asio::awaitable<void> serve();
  [[nodiscard]] bool play(boost::asio::awaitable<void> work, const std::function<bool()>& killed);

  life_parts parts_;
  const job_spec& job_;
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> busy_;
  booted_clock time_;
  slow_disk disk_;
  lane lane_;
  silent_observer watcher_;
  sqlite_store store_;
  watched_store watched_;
  sodium_seal seal_;
  csv_drop_opener opener_;
  line_set_file lines_;
  folder_inbox spool_;
  std::unique_ptr<exchange_factory> api_;
  std::unique_ptr<delivery> delivery_;
  std::unique_ptr<service> service_;
  std::unique_ptr<alarm> bell_;
  std::optional<stop> stopped_;
  bool draining_ = false;
};

}  // namespace patchbay::sim
