#include "patchbay/adapter/system/folder_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/inotify.h>

#include "descriptor.hpp"

namespace patchbay {
namespace {

/// What makes a drop appear: renamed in, written in place and closed, or opened to us; and the
/// folder itself going away. Not IN_CREATE: that is the first byte of a file still being written.
constexpr std::uint32_t appearing =
    IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
/// While a folder is missed.
constexpr milliseconds look_for_it{1'000};

struct watched_folder {
  std::filesystem::path path;
  bool there = true;
  int watch = -1;
};

}  // namespace

struct folder_watch::state : std::enable_shared_from_this<folder_watch::state> {
  state(boost::asio::io_context& loop, std::vector<std::filesystem::path> watched, calls told,
        milliseconds often)
      : events(loop), timer(loop), whom(std::move(told)), look_again(often) {
    for (std::filesystem::path& one : watched) folders.push_back({std::move(one)});
  }

  boost::asio::posix::stream_descriptor events;
  boost::asio::steady_timer timer;
  std::vector<watched_folder> folders;
  calls whom;
  milliseconds look_again;
  std::array<char, 4096> buffer{};
  bool closed = false;

  /// Without inotify (its limits are the machine's) the slow look remains.
  void open() {
    const int made = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (made >= 0) events.assign(made);
    watch_all();
    if (events.is_open()) read_events();
  }

  /// Again at each look: a folder may have been made since, or been replaced. Watching one twice is
  /// no error and gives the same watch.
  void watch_all() {
    for (watched_folder& one : folders) {
      std::error_code unknown;
      const bool there = std::filesystem::is_directory(one.path, unknown);
      if (there && events.is_open()) watch(one);
      if (std::exchange(one.there, there) != there && whom.came_or_went) {
        whom.came_or_went(one.path, there);
      }
    }
  }

  void watch(watched_folder& one) {
    const int made =
        ::inotify_add_watch(events.native_handle(), one.path.c_str(), appearing | IN_ONLYDIR);
    const int before = std::exchange(one.watch, made);
    // Another folder of that name: the old one is nobody's any more.
    if (before >= 0 && before != made) ::inotify_rm_watch(events.native_handle(), before);
  }

  [[nodiscard]] milliseconds pause() const {
    for (const watched_folder& one : folders) {
      if (!one.there) return std::min(look_for_it, look_again);
    }
    return look_again;
  }

  void read_events() {
    events.async_read_some(
        boost::asio::buffer(buffer),
        [own = shared_from_this()](const boost::system::error_code& failed, std::size_t) {
          if (failed || own->closed) return;
          own->read_events();
          own->watch_all();
          own->look_later();
          own->whom.changed();
        });
  }

  /// In place of the look that was planned before.
  void look_later() {
    timer.expires_after(pause());
    timer.async_wait([own = shared_from_this()](const boost::system::error_code& failed) {
      if (failed || own->closed) return;
      own->watch_all();
      own->look_later();
      own->whom.changed();
    });
  }
};

folder_watch::folder_watch(boost::asio::io_context& loop,
                           std::vector<std::filesystem::path> folders, calls whom,
                           milliseconds look_again)
    : state_(std::make_shared<state>(loop, std::move(folders), std::move(whom), look_again)) {
  state_->open();
  state_->look_later();
}

folder_watch::~folder_watch() {
  close();
}

std::optional<fault> folder_watch::unwatchable(const std::filesystem::path& folder) {
  const descriptor events(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (events.valid() &&
      ::inotify_add_watch(events.get(), folder.c_str(), appearing | IN_ONLYDIR) >= 0) {
    return std::nullopt;
  }
  const bool limit = errno == ENOSPC || errno == EMFILE;
  return fault{"FOLDER_UNWATCHED",
               folder.string() + " cannot be watched (" + std::strerror(errno) +
                   "): drops are noticed within half a minute, not at once" +
                   (limit ? "; raise fs.inotify.max_user_watches and max_user_instances" : "")};
}

void folder_watch::close() {
  if (std::exchange(state_->closed, true)) return;
  boost::system::error_code ignored;
  if (state_->events.is_open()) state_->events.close(ignored);
  state_->timer.cancel();
}

}  // namespace patchbay
