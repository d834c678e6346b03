#include "address_race.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Held by every attempt's handler, so that it outlives a waiter that was left behind.
class race : public std::enable_shared_from_this<race> {
 public:
  race(asio::io_context& loop, addresses order, nanoseconds head_start)
      : over(loop), loop_(loop), order_(std::move(order)), head_start_(head_start), pause_(loop) {}

  void start_next() {
    if (decided_ || attempts_.size() == order_.size()) return;
    const std::size_t mine = attempts_.size();
    tcp::socket& line = attempts_.emplace_back(loop_);
    ++running_;
    line.async_connect(order_[mine], [self = shared_from_this(), mine](const error_code& failed) {
      self->ended(mine, failed);
    });
    pause_.expires_after(head_start_);
    pause_.async_wait([self = shared_from_this()](const error_code& stopped) {
      if (!stopped) self->start_next();
    });
  }

  /// Ends every attempt that has not won.
  void decide() {
    decided_ = true;
    pause_.cancel();
    for (std::size_t i = 0; i < attempts_.size(); ++i) {
      if (i == winner_) continue;
      error_code ignored;
      attempts_[i].close(ignored);
    }
  }

  [[nodiscard]] tcp::socket* won() { return winner_ ? &attempts_[*winner_] : nullptr; }

  asio::steady_timer over;  ///< expires at the limit, is cancelled when the race is decided
  error_code failure = asio::error::timed_out;

 private:
  void ended(std::size_t which, const error_code& failed) {
    --running_;
    if (decided_) return;
    if (!failed) {
      winner_ = which;
    } else {
      failure = failed;
      pause_.cancel();
      start_next();
      if (running_ > 0) return;
    }
    decide();
    over.cancel();
  }

  asio::io_context& loop_;
  addresses order_;
  nanoseconds head_start_;
  asio::steady_timer pause_;
  std::deque<tcp::socket> attempts_;
  std::optional<std::size_t> winner_;
  int running_ = 0;
  bool decided_ = false;
};

}  // namespace

addresses interleaved(const addresses& given) {
  addresses turns[2];
  for (const tcp::endpoint& one : given) {
    turns[one.address().is_v4() == given.front().address().is_v4() ? 0 : 1].push_back(one);
  }
  addresses out;
  for (std::size_t i = 0; out.size() < given.size(); ++i) {
    for (const addresses& family : turns) {
      if (i < family.size()) out.push_back(family[i]);
    }
  }
  return out;
}

asio::awaitable<error_code> race_to(asio::io_context& loop, addresses order, nanoseconds head_start,
                                    nanoseconds limit, tcp::socket& into) {
  auto held = std::make_shared<race>(loop, std::move(order), head_start);
  held->over.expires_after(limit);
  held->start_next();
  const auto [stopped] = co_await held->over.async_wait(asio::as_tuple(asio::use_awaitable));
  if (tcp::socket* const winner = held->won()) {
    into = std::move(*winner);
    co_return error_code();
  }
  held->decide();
  if (!stopped) co_return asio::error::timed_out;
  co_return held->failure;
}

}  // namespace patchbay
