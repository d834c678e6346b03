#include "network.hpp"

#include <optional>
#include <utility>

namespace patchbay::sim {

namespace asio = boost::asio;

namespace {

using answered = boost::system::result<reply, no_reply>;

/// Where the answer is put; the sender may be gone when it comes.
struct letter_box {
  std::optional<answered> came;
  alarm* bell = nullptr;  ///< nullptr: nobody waits any more

  void put(answered what) {
    if (bell == nullptr) return;
    came = std::move(what);
    bell->ring();
  }
};

/// Closes the box also when its coroutine is destroyed in a crash.
struct open_box {
  std::shared_ptr<letter_box> box = std::make_shared<letter_box>();
  open_box() = default;
  open_box(const open_box&) = delete;
  open_box& operator=(const open_box&) = delete;
  ~open_box() { box->bell = nullptr; }
};

no_reply failure(no_reply::cause why, const char* message, instant ended) {
  no_reply made;
  made.why = why;
  made.message = message;
  made.ended = ended;
  return made;
}

std::string id_in(const request& what) {
  const std::size_t slash = what.target.rfind('/');
  return what.target.substr(slash + 1, what.target.find('?') - slash - 1);
}

}  // namespace

class wire final : public exchange {
 public:
  explicit wire(network& net) : net_(net) {}

  asio::awaitable<answered> send(request what, nanoseconds timeout) override {
    const std::unique_ptr<alarm> bell = net_.time_.make_alarm();
    if (net_.dice_.share() < net_.options_.unsent_share) {
      co_await bell->wait(net_.time_.now() + milliseconds(30));
      co_return failure(no_reply::cause::unsent, "connection refused", net_.time_.now());
    }
    const instant deadline = net_.time_.now() + timeout;
    flight* const record = what.kind == request_class::patch ? &note(what) : nullptr;
    open_box open;
    open.box->bell = bell.get();
    network& net = net_;
    net_.time_.at(net_.time_.now() + net_.latency(),
                  [&net, what = std::move(what), box = open.box] { arrive(net, what, box); });
    while (!open.box->came && net_.time_.now() < deadline) co_await bell->wait(deadline);
    open.box->bell = nullptr;
    if (record != nullptr) record->ended = net_.time_.now();
    if (open.box->came) co_return std::move(*open.box->came);
    co_return failure(no_reply::cause::timed_out, "no answer in time", net_.time_.now());
  }

 private:
  flight& note(const request& what) {
    net_.flights_.push_back({.id = id_in(what),
                             .body = what.body,
                             .left = net_.time_.now(),
                             .ended = instant::max(),
                             .life = net_.life_});
    return net_.flights_.back();
  }

  static void arrive(network& net, const request& what, const std::shared_ptr<letter_box>& box) {
    virtual_clock& time = net.time_;
    twin::served got = net.api_.answer(what, time.now(), time.wall());
    const instant back = time.now() + net.latency() + got.delay;
    switch (got.act) {
      case twin::served::action::silence:
        return;
      case twin::served::action::reset:
      case twin::served::action::reset_mid_body:
        time.at(back, [&time, box] {
          box->put(failure(no_reply::cause::reset, "connection reset", time.now()));
        });
        return;
      case twin::served::action::answer:
        time.at(back, [&time, box, answer = std::move(got.answer)] {
          reply come = answer;
          come.received = time.now();
          box->put(std::move(come));
        });
        return;
    }
  }

  network& net_;
};

namespace {

class wires final : public exchange_factory {
 public:
  explicit wires(network& net) : net_(net) {}
  std::unique_ptr<exchange> open() override { return std::make_unique<wire>(net_); }

 private:
  network& net_;
};

}  // namespace

std::unique_ptr<exchange_factory> network::factory() {
  return std::make_unique<wires>(*this);
}

nanoseconds network::latency() {
  const auto span = static_cast<double>((options_.slowest - options_.fastest).count());
  return options_.fastest + nanoseconds(static_cast<std::int64_t>(span * dice_.share()));
}

}  // namespace patchbay::sim
