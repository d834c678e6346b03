#include "patchbay/adapter/system/signal_watch.hpp"

#include <utility>

#include <boost/asio/signal_set.hpp>
#include <signal.h>
#include <unistd.h>

namespace patchbay {
namespace {

constexpr int exit_by_signal = 128;

extern "C" void leave_at_once(int signal) {
  ::_exit(exit_by_signal + signal);
}

void leave_at_next(int signal) {
  struct sigaction action {};
  action.sa_handler = &leave_at_once;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

/// Shared with the waiting calls, which may come after the watch has gone.
struct signal_watch::state : std::enable_shared_from_this<signal_watch::state> {
  explicit state(boost::asio::io_context& loop) : ending(loop, SIGINT, SIGTERM), reloading(loop) {}

  boost::asio::signal_set ending;
  boost::asio::signal_set reloading;
  std::function<void()> first;
  std::function<void(int)> second;
  std::function<void()> reload;
  int ends_asked = 0;
  bool closed = false;

  void wait_for_end() {
    ending.async_wait(
        [own = shared_from_this()](const boost::system::error_code& failed, int signal) {
          if (!failed && !own->closed) own->end_asked(signal);
        });
  }

  void end_asked(int signal) {
    if (++ends_asked > 1) {
      if (second) second(signal);
      return;
    }
    if (second) {
      wait_for_end();
    } else {
      boost::system::error_code ignored;
      ending.clear(ignored);
      leave_at_next(SIGINT);
      leave_at_next(SIGTERM);
    }
    if (first) first();
  }

  void wait_for_reload() {
    reloading.async_wait([own = shared_from_this()](const boost::system::error_code& failed, int) {
      if (failed || own->closed) return;
      own->wait_for_reload();
      own->reload();
    });
  }
};

signal_watch::signal_watch(boost::asio::io_context& loop) : state_(std::make_shared<state>(loop)) {
  state_->wait_for_end();
}

signal_watch::~signal_watch() {
  close();
}

void signal_watch::on_first(std::function<void()> call) {
  state_->first = std::move(call);
}

void signal_watch::on_second(std::function<void(int signal)> call) {
  state_->second = std::move(call);
}

void signal_watch::on_reload(std::function<void()> call) {
  const bool waits = static_cast<bool>(state_->reload);
  state_->reload = std::move(call);
  if (waits) return;
  state_->reloading.add(SIGHUP);
  state_->wait_for_reload();
}

void signal_watch::close() {
  if (std::exchange(state_->closed, true)) return;
  boost::system::error_code ignored;
  state_->ending.cancel(ignored);
  state_->reloading.cancel(ignored);
}

}  // namespace patchbay
