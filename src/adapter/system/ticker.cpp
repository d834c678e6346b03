#include "patchbay/adapter/system/ticker.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace patchbay {

/// Shared with the waiting call, which may come after the ticker has gone.
struct ticker::state : std::enable_shared_from_this<ticker::state> {
  state(boost::asio::io_context& loop, nanoseconds often, std::function<void()> what)
      : timer(loop), every(often), call(std::move(what)) {}

  boost::asio::steady_timer timer;
  nanoseconds every;
  std::function<void()> call;
  bool closed = false;

  void wait() {
    timer.expires_after(every);
    timer.async_wait([own = shared_from_this()](const boost::system::error_code& failed) {
      if (failed || own->closed) return;
      own->call();
      if (!own->closed) own->wait();
    });
  }
};

ticker::ticker(boost::asio::io_context& loop, nanoseconds every, std::function<void()> call)
    : state_(std::make_shared<state>(loop, every, std::move(call))) {
  state_->wait();
}

ticker::~ticker() {
  state_->closed = true;
  state_->timer.cancel();
}

}  // namespace patchbay
