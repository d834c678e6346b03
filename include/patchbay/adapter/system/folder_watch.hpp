// Says that something may have been dropped: inotify on the jobs' folders, and a slow look again
// for what inotify does not see (network file systems). A hint, never a fact: whoever is called
// looks for himself. A folder that goes away is looked for every second, and watched again when it
// is back. Owned by the daemon, loop thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/instant.hpp"

namespace patchbay {

class folder_watch {
 public:
  struct calls {
    std::function<void()> changed;
    /// Once when a folder is missed, and once when it is back.
    std::function<void(const std::filesystem::path& folder, bool there)> came_or_went = {};
  };
  folder_watch(boost::asio::io_context& loop, std::vector<std::filesystem::path> folders,
               calls whom, milliseconds look_again = milliseconds(30'000));
  ~folder_watch();
  folder_watch(const folder_watch&) = delete;
  folder_watch& operator=(const folder_watch&) = delete;

  void close();

  /// Why a change in this folder would be noticed by the slow look alone; nullopt: at once.
  /// FOLDER_UNWATCHED.
  [[nodiscard]] static std::optional<fault> unwatchable(const std::filesystem::path& folder);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace patchbay
