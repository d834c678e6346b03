// Signals as calls on the loop: the first SIGINT or SIGTERM drains, the second leaves, SIGHUP
// reloads. One per process, owned by a command, loop thread. Its waiting keeps the loop running:
// close() it when the work is done.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

namespace patchbay {

class signal_watch {
 public:
  explicit signal_watch(boost::asio::io_context& loop);
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  void on_first(std::function<void()> call);
  /// Without it the second signal ends the process at once with 128 + signal, from the signal
  /// itself, so that a busy loop cannot hold it back.
  void on_second(std::function<void(int signal)> call);
  /// Without it SIGHUP does what the system does with it.
  void on_reload(std::function<void()> call);
  void close();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace patchbay
