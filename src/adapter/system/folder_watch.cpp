#include "patchbay/adapter/system/folder_watch.hpp"

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

}  // namespace

struct folder_watch::state : std::enable_shared_from_this<folder_watch::state> {
  state(boost::asio::io_context& loop, std::vector<std::filesystem::path> watched,
        std::function<void()> call, milliseconds often)
      : events(loop),
        timer(loop),
        folders(std::move(watched)),
        changed(std::move(call)),
        look_again(often) {}

  boost::asio::posix::stream_descriptor events;
  boost::asio::steady_timer timer;
  std::vector<std::filesystem::path> folders;
  std::function<void()> changed;
  milliseconds look_again;
  std::array<char, 4096> buffer{};
  bool closed = false;

  /// Without inotify (its limits are the machine's) the slow look remains.
  void open() {
    const int made = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (made < 0) return;
    events.assign(made);
    watch_all();
    read_events();
  }

  /// Again at each slow look: a folder may have been made since, or been replaced. Watching one
  /// twice is no error and gives the same watch.
  void watch_all() {
    if (!events.is_open()) return;
    for (const std::filesystem::path& folder : folders) {
      ::inotify_add_watch(events.native_handle(), folder.c_str(), appearing | IN_ONLYDIR);
    }
  }

  void read_events() {
    events.async_read_some(
        boost::asio::buffer(buffer),
        [own = shared_from_this()](const boost::system::error_code& failed, std::size_t) {
          if (failed || own->closed) return;
          own->read_events();
          own->changed();
        });
  }

  void look_later() {
    timer.expires_after(look_again);
    timer.async_wait([own = shared_from_this()](const boost::system::error_code& failed) {
      if (failed || own->closed) return;
      own->watch_all();
      own->look_later();
      own->changed();
    });
  }
};

folder_watch::folder_watch(boost::asio::io_context& loop,
                           std::vector<std::filesystem::path> folders,
                           std::function<void()> changed, milliseconds look_again)
    : state_(std::make_shared<state>(loop, std::move(folders), std::move(changed), look_again)) {
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
