#include "life.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>

#include "patchbay/adapter/system/file_spool.hpp"
#include "trace.hpp"

namespace patchbay::sim {

namespace asio = boost::asio;

namespace {

class booted_alarm final : public alarm {
 public:
  booted_alarm(std::unique_ptr<alarm> inner, instant booted)
      : inner_(std::move(inner)), booted_(booted) {}
  asio::awaitable<void> wait(instant until) override {
    return inner_->wait(until == instant::max() ? until : until + booted_);
  }
  void ring() override { inner_->ring(); }

 private:
  std::unique_ptr<alarm> inner_;
  instant booted_;
};

}  // namespace

std::unique_ptr<alarm> booted_clock::make_alarm() {
  return std::make_unique<booted_alarm>(world_.make_alarm(), booted_);
}

wall_time booted_clock::wall() const {
  const nanoseconds ahead = wall_is_ahead_ == nullptr ? nanoseconds(0) : *wall_is_ahead_;
  return world_.wall() + std::chrono::duration_cast<milliseconds>(ahead);
}

std::vector<op_result> watched_store::commit(std::span<const delivery_op> ops, instant now) {
  std::vector<op_result> made = inner_.commit(ops, now);
  for (std::size_t i = 0; i < ops.size(); ++i) on_committed_(ops[i], made[i]);
  return made;
}

void silent_observer::note(severity, std::string_view event, std::string_view text,
                           const log_fields& fields) {
  std::string line = "  " + std::string(event) + ": " + std::string(text);
  for (const auto& [name, held] : fields) line += " " + std::string(name) + "=" + held;
  trace(line);
  if (on_note_) on_note_(event);
}

sqlite_options life::store_options(const settings& config, const std::string& process) {
  return {.path = config.state_path / "patchbay.db",
          .boot_id = "one boot",
          .process = process,
          .process_alive = {}};
}

namespace {

/// A key that cannot be read or made ends the process as a disk does.
sodium_seal open_seal(const settings& config) {
  result<sodium_seal> opened = sodium_seal::open_key(config.state_path / "seal.key");
  if (!opened) throw store_error(opened.error().message);
  return std::move(*opened);
}

sqlite_options own_store(const life_parts& parts) {
  sqlite_options options = life::store_options(parts.config, "life " + std::to_string(parts.seed));
  options.boot_id = parts.boot_id;
  return options;
}

}  // namespace

life::life(life_parts parts)
    : parts_(std::move(parts)),
      job_(parts_.config.jobs.front()),
      loop_(std::make_unique<asio::io_context>(1)),
      busy_(std::make_unique<asio::executor_work_guard<asio::io_context::executor_type>>(
          loop_->get_executor())),
      time_(parts_.time, parts_.booted, parts_.wall_is_ahead),
      disk_(*loop_, parts_.time, parts_.seed, parts_.slowest_call),
      lane_(parts_.slowest_call > nanoseconds(0) ? asio::any_io_executor(slow_executor(disk_))
                                                 : loop_->get_executor()),
      watcher_(parts_.on_note),
      store_(own_store(parts_), time_.now()),
      watched_(store_, parts_.on_committed),
      seal_(open_seal(parts_.config)),
      opener_(job_.source.csv, parts_.config.limits),
      lines_({.path = parts_.config.state_path / "lines.set",
              .store_id = store_.identity().id,
              .generation = [this] { return store_.generation(job_.name); },
              .read_only = false,
              .table_from = 8}),
      spool_(job_.source),
      api_(parts_.wires.factory(parts_.booted)),
      bell_(time_.make_alarm()) {
  delivery_parts given{watched_,
                       store_,
                       lane_,
                       {{job_.name, &lines_}},
                       *api_,
                       *api_,
                       [] { return result<std::string>("sandbox-secret"); },
                       seal_,
                       time_,
                       watcher_,
                       parts_.seed};
  delivery_ = std::make_unique<delivery>(std::move(given), parts_.config);
  store_.recover(time_.now(), parts_.config.api.request_timeout);
  service_ =
      std::make_unique<service>(std::vector<service_job>{the_job()}, *delivery_, time_, watcher_);
  service_->tell_reports_to(parts_.on_report);
}

/// First those who wait, then those who are about to go on, then what they worked with.
life::~life() {
  parts_.time.abandon_waiters();
  disk_.calls.clear();
  busy_.reset();
  loop_.reset();
}

service_job life::the_job() {
  const intake_parts intake{store_,
                            lane_,
                            lane_,
                            opener_,
                            lines_,
                            &delivery_->reader(job_.name),
                            seal_,
                            time_,
                            watcher_,
                            "/api",
                            [] {
                              constexpr std::size_t soon_on_disk = 4096;
                              return std::make_unique<file_spool>(
                                  std::filesystem::temp_directory_path(), soon_on_disk);
                            }};
  return {&job_, {intake, spool_, store_, {}}, parts_.times};
}

asio::awaitable<void> life::one_pass() {
  const pass_result made = co_await service_->run_job(the_job(), pickup_options{});
  stopped_ = made.stopped;
}

asio::awaitable<void> life::passes(nanoseconds pause) {
  while (!draining_) {
    co_await one_pass();
    if (draining_) break;
    co_await bell_->wait(time_.now() + pause);
  }
}

asio::awaitable<void> life::serve() {
  stopped_ = co_await service_->serve();
}

bool life::play(asio::awaitable<void> work, const std::function<bool()>& killed) {
  bool ended = false;
  std::exception_ptr failed;
  asio::co_spawn(*loop_, std::move(work), [&ended, &failed](std::exception_ptr thrown) {
    ended = true;
    failed = thrown;
  });
  constexpr int most_at_one_moment = 200'000;
  instant moment = parts_.time.now();
  for (int made = 0; !ended; ++made) {
    if (killed()) return false;
    if (loop_->poll_one() == 0 && !parts_.time.advance()) {
      throw std::runtime_error("everybody waits, for ever");
    }
    if (std::exchange(moment, parts_.time.now()) != moment) made = 0;
    if (made > most_at_one_moment) throw std::runtime_error("a hot loop: time stands still");
  }
  if (failed) std::rethrow_exception(failed);
  return true;
}

bool life::run(crash when) {
  int made = 0;
  return play(one_pass(), [this, when, &made] {
    return (when.steps && made++ >= *when.steps) || (when.at && parts_.time.now() >= *when.at);
  });
}

bool life::live(std::optional<nanoseconds> pause, const std::function<bool()>& killed) {
  return play(pause ? passes(*pause) : serve(), killed);
}

void life::drain() {
  draining_ = true;
  service_->drain();
  bell_->ring();
}

}  // namespace patchbay::sim
