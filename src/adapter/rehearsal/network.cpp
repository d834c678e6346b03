#include "patchbay/adapter/rehearsal/network.hpp"

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
    if (bell == nullptr || came) return;
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

constexpr int http_throttled = 429;

class wire final : public exchange {
 public:
  wire(network& net, instant booted, int process) : net_(net), booted_(booted), process_(process) {}

  asio::awaitable<answered> send(request what, nanoseconds timeout) override {
    heard told{.process = process_, .kind = what.kind, .left = net_.time_.now()};
    if (net_.ears_.on_tried) net_.ears_.on_tried(what, process_);
    answered come = co_await carry(std::move(what), timeout);
    told.ended = net_.time_.now();
    if (come) told.status = come->status;
    if (net_.ears_.on_heard) net_.ears_.on_heard(told);
    co_return come;
  }

 private:
  using box_ptr = std::shared_ptr<letter_box>;

  asio::awaitable<answered> carry(request what, nanoseconds timeout) {
    const std::unique_ptr<alarm> bell = net_.time_.make_alarm();
    const outage* const down = net_.outage_of(what.kind);
    const bool refused = down != nullptr && down->how == outage::way::refused;
    if (refused || net_.happens(net_.options_.unsent_share)) {
      co_await bell->wait(net_.time_.now() + milliseconds(30));
      co_return failure(no_reply::cause::unsent, "connection refused", here());
    }
    const instant deadline = net_.time_.now() + timeout;
    std::optional<flight> record;
    if (what.kind == request_class::patch) record = note(what);
    open_box open;
    open.box->bell = bell.get();
    depart(std::move(what), timeout, open.box);
    while (!open.box->came && net_.time_.now() < deadline) co_await bell->wait(deadline);
    open.box->bell = nullptr;
    if (record) {
      record->ended = net_.time_.now();
      if (net_.ears_.on_ended) net_.ears_.on_ended(*record);
    }
    if (!open.box->came) {
      co_return failure(no_reply::cause::timed_out, "no answer in time", here());
    }
    answered come = std::move(*open.box->came);
    if (come) {
      come->received = here();
      co_return come;
    }
    no_reply failed = come.error();
    failed.ended = here();
    co_return failed;
  }

  /// Now, as the sender's machine counts.
  [[nodiscard]] instant here() const { return net_.time_.now() - booted_; }

  flight note(const request& what) {
    flight made{.id = id_in(what), .body = what.body, .left = net_.time_.now()};
    if (net_.ears_.on_left) net_.ears_.on_left(made);
    return made;
  }

  void depart(request what, nanoseconds timeout, const box_ptr& box) {
    network& net = net_;
    const instant now = net.time_.now();
    const instant there = now + net.latency();
    if (const outage* const down = net.outage_of(what.kind)) {
      return fail(net, down->how, there, box);
    }
    if (net.happens(net.options_.lost_share)) return;
    if (net.happens(net.options_.cut_share)) return cut(net, there, box);
    if (net.happens(net.options_.impatient_share)) {
      // Only who is still unanswered by then sees it.
      const auto patience = net.dice_.share() * static_cast<double>(timeout.count());
      cut(net, now + nanoseconds(static_cast<std::int64_t>(patience)), box);
    }
    const bool twice = net.happens(net.options_.doubled_share);
    net.time_.at(there, [&net, what = std::move(what), box, twice] {
      arrive(net, what, box);
      // One copy refused by a 429 and the other applied: taken for definite (docs/decisions/0004).
      if (!twice || net.api_.log().back().status == http_throttled) return;
      (void)net.api_.answer(what, net.time_.now(), net.time_.wall());
      if (net.ears_.on_doubled) net.ears_.on_doubled();
      net.arrived();
    });
  }

  static void fail(network& net, outage::way how, instant there, const box_ptr& box) {
    switch (how) {
      case outage::way::refused:
      case outage::way::silent:
        return;
      case outage::way::reset:
        return cut(net, there, box);
      case outage::way::unavailable: {
        reply answer;
        answer.status = 503;
        net.time_.at(there + net.latency(), [box, answer] { box->put(answer); });
        return;
      }
    }
  }

  static void cut(network& net, instant when, const box_ptr& box) {
    net.time_.at(
        when, [box] { box->put(failure(no_reply::cause::reset, "connection reset", instant(0))); });
  }

  static void arrive(network& net, const request& what, const box_ptr& box) {
    virtual_clock& time = net.time_;
    twin::served got = net.api_.answer(what, time.now(), time.wall());
    net.arrived();
    const instant back = time.now() + net.way_back(what.kind) + got.delay;
    switch (got.act) {
      case twin::served::action::silence:
        time.at(time.now() + net.options_.late_by, [&net, &time] {
          net.api_.advance(time.now(), time.wall());
          net.arrived();
        });
        return;
      case twin::served::action::reset:
      case twin::served::action::reset_mid_body:
        return cut(net, back, box);
      case twin::served::action::answer:
        if (net.happens(net.options_.unheard_share)) return cut(net, back, box);
        time.at(back, [box, answer = std::move(got.answer)] { box->put(answer); });
        return;
    }
  }

  network& net_;
  instant booted_;
  int process_;
};

namespace {

class wires final : public exchange_factory {
 public:
  wires(network& net, instant booted, int process)
      : net_(net), booted_(booted), process_(process) {}
  std::unique_ptr<exchange> open() override {
    return std::make_unique<wire>(net_, booted_, process_);
  }

 private:
  network& net_;
  instant booted_;
  int process_;
};

}  // namespace

std::unique_ptr<exchange_factory> network::factory(instant booted, int process) {
  return std::make_unique<wires>(*this, booted, process);
}

void network::calm() {
  options_ = {
      .fastest = options_.fastest, .slowest = options_.slowest, .late_by = options_.late_by};
}

const outage* network::outage_of(request_class what) const {
  for (const outage& one : options_.outages) {
    if (one.meets(what, time_.now())) return &one;
  }
  return nullptr;
}

nanoseconds network::way_back(request_class what) {
  nanoseconds back = latency();
  if (happens(options_.shuffled_share)) back += 5 * latency();
  if (what == request_class::get && happens(options_.slow_read_share)) {
    back += options_.slow_read_by;
  }
  return back;
}

void network::arrived() const {
  if (ears_.on_arrival) ears_.on_arrival();
}

nanoseconds network::latency() {
  const auto span = static_cast<double>((options_.slowest - options_.fastest).count());
  return options_.fastest + nanoseconds(static_cast<std::int64_t>(span * dice_.share()));
}

}  // namespace patchbay::sim
