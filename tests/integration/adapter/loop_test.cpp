// What the machine says to the loop: time, signals, folders; and what the loop says to systemd.
#include <cstdlib>
#include <cstring>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patchbay/adapter/system/folder_watch.hpp"
#include "patchbay/adapter/system/real_clock.hpp"
#include "patchbay/adapter/system/signal_watch.hpp"
#include "patchbay/adapter/system/systemd_notifier.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;
namespace asio = boost::asio;

namespace {

/// A loop that does not turn longer than this has failed its test.
constexpr std::chrono::seconds patience{20};

void wait_on(asio::io_context& loop, patchbay::alarm& one, instant until) {
  bool woken = false;
  asio::co_spawn(loop, one.wait(until), [&woken](std::exception_ptr) { woken = true; });
  loop.restart();
  loop.run_for(patience);
  CHECK(woken);
}

/// Receives what is sent to NOTIFY_SOCKET as long as it lives.
class systemd_ear {
 public:
  explicit systemd_ear(const std::filesystem::path& path) {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~systemd_ear() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }
  std::string heard() {
    char text[512];
    const ssize_t size = ::recv(socket_, text, sizeof text, 0);
    return size < 0 ? std::string() : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  int socket_ = -1;
};

}  // namespace

TEST_CASE("clock: time goes on, and an alarm waits until its moment and not less") {
  asio::io_context loop;
  real_clock time(loop);
  CHECK(time.wall() > wall_time(std::chrono::hours(24 * 365 * 50)));
  const auto one = time.make_alarm();
  const instant until = time.now() + milliseconds(20);
  wait_on(loop, *one, until);
  CHECK(time.now() >= until);
  wait_on(loop, *one, instant(0));
}

TEST_CASE("clock: a ring ends a wait without end, also one that came before the wait") {
  asio::io_context loop;
  real_clock time(loop);
  const auto one = time.make_alarm();
  asio::post(loop, [&one] { one->ring(); });
  wait_on(loop, *one, instant::max());
  one->ring();
  wait_on(loop, *one, instant::max());
  asio::post(loop, [&one] { one->ring(); });
  wait_on(loop, *one, time.now() + std::chrono::hours(1));
}

TEST_CASE(
    "signals: the first drains, the second leaves, SIGHUP reloads, a closed watch is silent") {
  asio::io_context loop;
  signal_watch signals(loop);
  int first = 0;
  int second = 0;
  int reloads = 0;
  signals.on_first([&first] {
    ++first;
    ::raise(SIGINT);
  });
  signals.on_second([&second, &signals](int signal) {
    second = signal;
    signals.close();
  });
  signals.on_reload([&reloads] {
    if (++reloads == 2) {
      ::raise(SIGTERM);
    } else {
      ::raise(SIGHUP);
    }
  });
  ::raise(SIGHUP);
  loop.run_for(patience);
  CHECK(loop.stopped());
  CHECK(reloads == 2);
  CHECK(first == 1);
  CHECK(second == SIGINT);
}

TEST_CASE("signals: without a call the second ends the process, though the loop be busy") {
  const pid_t child = ::fork();
  if (child == 0) {
    asio::io_context loop;
    signal_watch signals(loop);
    signals.on_first([] {
      ::raise(SIGTERM);  // the loop is in this very call: it will never see it
      while (true) ::pause();
    });
    ::raise(SIGTERM);
    loop.run();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 128 + SIGTERM);
}

TEST_CASE("folder watch: a file renamed in is seen at once, also in a folder made later") {
  const temp_folder folder;
  const temp_folder outside;
  const auto later = folder.path() / "later";
  asio::io_context loop;
  int seen = 0;
  folder_watch watch(loop, {folder.path(), later}, {[&seen, &loop] {
                       ++seen;
                       loop.stop();
                     }},
                     std::chrono::hours(1));
  const auto drop = outside.write("a.csv", "1");
  asio::post(loop, [&] { std::filesystem::rename(drop, folder.path() / "a.csv"); });
  loop.run_for(patience);
  CHECK(seen == 1);
}

TEST_CASE("folder watch: looks again by itself, and finds a folder that was made meanwhile") {
  const temp_folder folder;
  const auto later = folder.path() / "later";
  asio::io_context loop;
  int seen = 0;
  folder_watch watch(loop, {later}, {[&seen, &watch] {
                       if (++seen == 3) watch.close();
                     }},
                     milliseconds(5));
  loop.run_for(patience);
  CHECK(loop.stopped());
  CHECK(seen == 3);
}

TEST_CASE("folder watch: a folder that goes away is told once, and watched again when it is back") {
  const temp_folder above;
  const temp_folder outside;
  const auto folder = above.path() / "spool";
  std::filesystem::create_directory(folder);
  asio::io_context loop;
  std::string told;
  folder_watch watch(
      loop, {folder},
      {[&told, &loop, &folder] {
         if (std::filesystem::exists(folder / "a.csv")) loop.stop();
         // Back after it was missed for two looks, as another folder of the same name.
         if (told == "gone ") std::filesystem::create_directory(folder);
       },
       [&told](const std::filesystem::path&, bool there) { told += there ? "back " : "gone "; }},
      milliseconds(20));
  const auto drop = outside.write("a.csv", "1");
  asio::post(loop, [&] { std::filesystem::remove(folder); });
  while (told != "gone back ") REQUIRE(loop.run_one_for(patience) > 0);
  std::filesystem::rename(drop, folder / "a.csv");
  loop.run_for(patience);
  CHECK(loop.stopped());
  CHECK(told == "gone back ");
}

TEST_CASE("systemd: hears ready, status in one line, reloading, stopping and a wish for time") {
  const temp_folder folder;
  systemd_ear manager(folder.path() / "notify");
  systemd::ready();
  CHECK(manager.heard() == "READY=1");
  systemd::status("delivering\n3 of 5");
  CHECK(manager.heard() == "STATUS=delivering 3 of 5");
  systemd::reloading();
  CHECK(manager.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  systemd::stopping();
  CHECK(manager.heard() == "STOPPING=1");
  systemd::extend_timeout(milliseconds(1'500));
  CHECK(manager.heard() == "EXTEND_TIMEOUT_USEC=1500000");
  ::setenv("WATCHDOG_USEC", "20000", 1);
  CHECK(systemd::watchdog_span() == milliseconds(20));
  systemd::feed_watchdog();
  CHECK(manager.heard() == "WATCHDOG=1");
}

TEST_CASE("systemd: without a socket nothing happens") {
  ::unsetenv("NOTIFY_SOCKET");
  systemd::ready();
  CHECK_FALSE(systemd::watchdog_span().has_value());
}
