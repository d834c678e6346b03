// The one place that names concrete classes: builds stores, lanes, sessions and the engine from
// the settings, and takes them down in order. One per process; loop thread.
#pragma once

#include <exception>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "patchbay/adapter/csv/csv_drop_opener.hpp"
#include "patchbay/adapter/https/https_factory.hpp"
#include "patchbay/adapter/store/line_set_file.hpp"
#include "patchbay/adapter/store/sodium_seal.hpp"
#include "patchbay/adapter/store/sqlite_store.hpp"
#include "patchbay/adapter/system/folder_inbox.hpp"
#include "patchbay/adapter/system/machine_zones.hpp"
#include "patchbay/adapter/system/real_clock.hpp"
#include "patchbay/adapter/web/metered_exchange.hpp"
#include "patchbay/app/settings.hpp"
#include "patchbay/engine/delivery.hpp"
#include "patchbay/engine/kept_form.hpp"
#include "patchbay/engine/service.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/port/observer.hpp"

namespace patchbay {

/// How much of the whole a command needs. Only the owner makes a state; where there is none, the
/// others see an empty one, in memory.
enum class reach {
  look,     ///< beside the owner: the store alone, nothing is sent
  offline,  ///< beside the owner: drops are read and planned, nothing is sent, no secret is needed
  read,     ///< beside the owner: GETs with leased slots (plan, check)
  own,      ///< the owner of the state: everything
};

class composition {
 public:
  static constexpr const char* store_file = "patchbay.db";  ///< in state.path

  /// Opens the state (made when missing, by the owner) and everything up to `how_far`. A fault is a
  /// matter of configuration (78); a store that cannot be opened throws store_error (74).
  /// `numbers`: where every request is counted; nullptr: nowhere.
  [[nodiscard]] static boost::system::result<std::unique_ptr<composition>, placed_fault> build(
      const loaded_settings& loaded, reach how_far, observer& watcher, metrics* numbers = nullptr);
  ~composition();
  /// What can be known to be wrong before building: the secret, as of now.
  [[nodiscard]] static std::optional<placed_fault> unusable(const loaded_settings& loaded);
  /// The same of everything that the owner will open: trust, seal key, folders. Changes nothing but
  /// that the folder of the reports is made.
  [[nodiscard]] static std::optional<placed_fault> unfit(const loaded_settings& loaded);

  [[nodiscard]] boost::asio::io_context& loop() { return loop_; }
  [[nodiscard]] const settings& config() const { return loaded_.values; }
  [[nodiscard]] sqlite_store& store() { return *store_; }
  [[nodiscard]] clock& time() { return time_; }
  [[nodiscard]] const zone_database& zones() const { return zones_; }
  [[nodiscard]] lane& store_lane() { return store_lane_; }
  [[nodiscard]] lane& rows_lane() { return rows_lane_; }
  /// What the API is known to allow, or taken to; loop thread.
  [[nodiscard]] limits_entry known_limits(request_class kind) const;
  /// The same without what is reserved for others: the windows that requests keep to.
  [[nodiscard]] window_limits windows(request_class kind) const;
  [[nodiscard]] https_factory& api_line() { return *api_; }
  [[nodiscard]] https_factory& auth_line() { return *auth_; }
  [[nodiscard]] bool sends() const { return delivery_ != nullptr; }
  [[nodiscard]] delivery& sending() { return *delivery_; }
  [[nodiscard]] service& nights() { return *service_; }

  /// Runs `ask` on the store's lane, then `then` on the loop, which runs until then. `then` is
  /// given what `ask` threw.
  void ask_store(std::function<void()> ask, std::function<void(std::exception_ptr)> then);

  /// Runs `ask` on the store's lane and waits for it: while a pass is on, nobody else may use the
  /// store. Not from the lane itself; throws what `ask` throws.
  template <class Ask>
  auto in_store(Ask ask) {
    std::packaged_task<std::invoke_result_t<Ask>()> task(std::move(ask));
    auto made = task.get_future();
    boost::asio::post(store_thread_, std::move(task));
    return made.get();
  }

  /// Everything of one job that a pass works with.
  [[nodiscard]] service_job of(const job_spec& job);
  [[nodiscard]] std::vector<service_job> all_jobs();

  /// Runs `work` on the loop until it is done; the first signal calls `drain`, the second leaves.
  /// SIGHUP calls `reload`, where there is one. What `work` throws is thrown here.
  void run(boost::asio::awaitable<void> work, std::function<void()> drain,
           std::function<void()> reload = {});

 private:
  struct job_adapters;
  using built = boost::system::result<void, placed_fault>;
  composition(const loaded_settings& loaded, reach how_far, observer& watcher, metrics* numbers);
  [[nodiscard]] built open_state();
  [[nodiscard]] built find_state();
  [[nodiscard]] built open_seal();
  void take_seal(bool other_key);
  [[nodiscard]] built open_network();
  void open_jobs();
  void open_engine();
  [[nodiscard]] std::optional<bool> known_mode() const;
  [[nodiscard]] sending_pace pace_of(const job_spec& job) const;
  [[nodiscard]] timetable timetable_of(const job_spec& job) const;

  const loaded_settings& loaded_;
  reach how_far_;
  observer& watcher_;
  metrics* numbers_;
  bool has_state_ = false;         ///< on disk, now or made by us
  std::optional<bool> test_mode_;  ///< of the last token of an earlier process
  boost::asio::io_context loop_{1};
  boost::asio::thread_pool store_thread_{1};
  boost::asio::thread_pool rows_thread_{1};
  lane store_lane_{store_thread_.get_executor()};
  lane rows_lane_{rows_thread_.get_executor()};
  real_clock time_{loop_};
  machine_zones zones_;
  std::unique_ptr<sqlite_store> store_;
  std::string state_id_;
  std::optional<sodium_seal> seal_;
  std::unique_ptr<https_factory> api_;
  std::unique_ptr<https_factory> auth_;
  std::optional<metered_factory> metered_api_;
  std::optional<metered_factory> metered_auth_;
  std::map<std::string, std::unique_ptr<job_adapters>> jobs_;
  std::unique_ptr<delivery> delivery_;
  std::unique_ptr<service> service_;
};

}  // namespace patchbay
