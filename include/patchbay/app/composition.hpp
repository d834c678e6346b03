// The one place that names concrete classes: builds stores, lanes, sessions and the engine from
// the settings, and takes them down in order. One per process; loop thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "patchbay/adapter/csv/csv_drop_opener.hpp"
#include "patchbay/adapter/https/https_factory.hpp"
#include "patchbay/adapter/store/line_set_file.hpp"
#include "patchbay/adapter/store/sodium_seal.hpp"
#include "patchbay/adapter/store/sqlite_store.hpp"
#include "patchbay/adapter/system/folder_inbox.hpp"
#include "patchbay/adapter/system/real_clock.hpp"
#include "patchbay/engine/delivery.hpp"
#include "patchbay/engine/service.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/port/observer.hpp"

namespace patchbay {

/// How much of the whole a command needs.
enum class reach {
  look,  ///< beside the owner: the store alone, nothing is sent
  read,  ///< beside the owner: GETs with leased slots (plan, check)
  own,   ///< the owner of the state: everything
};

class composition {
 public:
  /// Opens the state (made when missing) and everything up to `how_far`. A fault is a matter of
  /// configuration (78); a store that cannot be opened throws store_error (74).
  [[nodiscard]] static result<std::unique_ptr<composition>> build(const settings& config,
                                                                  reach how_far, observer& watcher);
  ~composition();

  [[nodiscard]] boost::asio::io_context& loop() { return loop_; }
  [[nodiscard]] const settings& config() const { return config_; }
  [[nodiscard]] sqlite_store& store() { return *store_; }
  [[nodiscard]] clock& time() { return *time_; }
  [[nodiscard]] delivery& sending() { return *delivery_; }
  [[nodiscard]] service& nights() { return *service_; }

  /// Everything of one job that a pass works with.
  [[nodiscard]] service_job of(const job_spec& job);
  [[nodiscard]] std::vector<service_job> all_jobs();

 private:
  struct job_adapters;
  composition(const settings& config, observer& watcher);
  [[nodiscard]] result<void> open_state(reach how_far);
  [[nodiscard]] result<void> open_network();
  void open_jobs();

  const settings& config_;
  observer& watcher_;
  boost::asio::io_context loop_{1};
  boost::asio::thread_pool store_thread_{1};
  boost::asio::thread_pool rows_thread_{1};
  lane store_lane_{store_thread_.get_executor()};
  lane rows_lane_{rows_thread_.get_executor()};
  std::unique_ptr<real_clock> time_;
  std::unique_ptr<sqlite_store> store_;
  std::unique_ptr<sodium_seal> seal_;
  std::unique_ptr<exchange_factory> api_;
  std::unique_ptr<exchange_factory> auth_;
  std::map<std::string, std::unique_ptr<job_adapters>> jobs_;
  std::unique_ptr<delivery> delivery_;
  std::unique_ptr<service> service_;
};

}  // namespace patchbay
