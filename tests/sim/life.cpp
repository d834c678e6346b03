#include "life.hpp"

#include <stdexcept>
#include <utility>

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

void silent_observer::note(severity, std::string_view event, std::string_view text,
                           const log_fields& fields) {
  std::string line = "  " + std::string(event) + ": " + std::string(text);
  for (const auto& [name, held] : fields) line += " " + std::string(name) + "=" + held;
  trace(line);
  if (on_note_) on_note_(event);
}

std::unique_ptr<asio::io_context> begin_process(const life_parts& parts) {
  parts.time.act_for(parts.process);
  return std::make_unique<asio::io_context>(1);
}

std::string life::name_of(int process) {
  return "life " + std::to_string(process);
}

sqlite_options life::store_options(const life_parts& parts, std::string process) {
  return {.path = parts.config.state_path / "patchbay.db",
          .boot_id = parts.boot_id,
          .process = std::move(process),
          .process_alive = parts.alive};
}

namespace {

/// A key that cannot be read or made ends the process as a disk does.
sodium_seal open_seal(const settings& config) {
  result<sodium_seal> opened = sodium_seal::open_key(config.state_path / "seal.key");
  if (!opened) throw store_error(opened.error().message);
  return std::move(*opened);
}

}  // namespace

job_desk::job_desk(const job_spec& of, const settings& config, sqlite_store& store, bool first)
    : job(of),
      opener(of.source.csv, config.limits),
      own_opener(values_dialect(), config.limits),
      lines({.path = config.state_path / (first ? "lines.set" : of.name + "-lines.set"),
             .store_id = store.identity().id,
             .generation = [&store, &of] { return store.generation(of.name); },
             .read_only = false,
             .table_from = 8}),
      spool(of.source) {}

life::life(life_parts parts)
    : parts_(std::move(parts)),
      loop_(begin_process(parts_)),
      busy_(std::make_unique<asio::executor_work_guard<asio::io_context::executor_type>>(
          loop_->get_executor())),
      time_(parts_.time, parts_.booted, parts_.wall_is_ahead),
      disk_(*loop_, parts_.time, parts_.seed, parts_.slowest_call),
      lane_(parts_.slowest_call > nanoseconds(0) ? asio::any_io_executor(slow_executor(disk_))
                                                 : loop_->get_executor()),
      watcher_(parts_.on_note),
      store_(store_options(parts_, name_of(parts_.process)), time_.now()),
      settling_(store_, parts_.ears),
      admitting_(store_, parts_.ears),
      seal_(open_seal(parts_.config)),
      api_(parts_.wires.factory(parts_.booted, parts_.process)),
      bell_(time_.make_alarm()) {
  for (const job_spec& job : parts_.config.jobs) {
    desks_.push_back(std::make_unique<job_desk>(job, parts_.config, store_, desks_.empty()));
  }
  begin_engine();
  store_.recover(time_.now(), parts_.config.api.request_timeout);
}

void life::begin_engine() {
  if (parts_.on_begin) parts_.on_begin();
  service_.reset();
  delivery_parts given{settling_,
                       admitting_,
                       lane_,
                       {},
                       *api_,
                       *api_,
                       [] { return result<std::string>("sandbox-secret"); },
                       seal_,
                       time_,
                       watcher_,
                       parts_.seed};
  for (const auto& desk : desks_) given.lines.emplace(desk->job.name, &desk->lines);
  delivery_ = std::make_unique<delivery>(std::move(given), parts_.config);
  std::vector<service_job> jobs;
  for (const auto& desk : desks_) jobs.push_back(job_at(*desk));
  service_ = std::make_unique<service>(std::move(jobs), *delivery_, time_, watcher_);
  service_->tell_reports_to(parts_.on_report);
  service_->write_runs_with([](const run_report& one) { return one.run; });
}

/// First those who wait, then those who are about to go on, then what they worked with.
life::~life() {
  parts_.time.abandon_waiters(parts_.process);
  disk_.calls.clear();
  busy_.reset();
  loop_.reset();
}

service_job life::job_at(job_desk& desk) {
  const intake_parts intake{admitting_,
                            lane_,
                            lane_,
                            desk.opener,
                            desk.lines,
                            &delivery_->reader(desk.job.name),
                            seal_,
                            time_,
                            watcher_,
                            "/api",
                            [] {
                              constexpr std::size_t soon_on_disk = 4096;
                              return std::make_unique<file_spool>(
                                  std::filesystem::temp_directory_path(), soon_on_disk);
                            }};
  pickup_parts all{intake, desk.spool, store_, {}};
  all.values_opener = &desk.own_opener;
  all.values_lines = &desk.own_lines;
  return {&desk.job, all, parts_.times};
}

asio::awaitable<void> life::one_pass() {
  stopped_.reset();
  for (const auto& desk : desks_) {
    const pass_result made = co_await service_->run_once(job_at(*desk), pickup_options{});
    stopped_ = made.stopped;
    if (stopped_ || draining_) break;
  }
}

asio::awaitable<void> life::own_pass(std::string job, std::filesystem::path file) {
  for (const auto& desk : desks_) {
    if (desk->job.name != job) continue;
    pickup_options options;
    options.named = std::move(file);
    stopped_ = (co_await service_->run_once(job_at(*desk), std::move(options))).stopped;
    co_return;
  }
}

asio::awaitable<void> life::passes(nanoseconds pause) {
  while (!draining_) {
    co_await one_pass();
    if (draining_) break;
    co_await bell_->wait(time_.now() + pause);
    if (!draining_) begin_engine();
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
  for (int made = 0, steps = 0; !ended; ++made) {
    if (killed()) return false;
    if (++steps > parts_.most_steps) throw std::runtime_error("a hot loop: too many steps");
    parts_.time.act_for(parts_.process);
    const bool stepped = loop_->poll_one() > 0 || (parts_.others && parts_.others());
    if (!stepped && !parts_.time.advance()) {
      throw std::runtime_error("everybody waits, for ever");
    }
    if (std::exchange(moment, parts_.time.now()) != moment) made = 0;
    if (made > most_at_one_moment) throw std::runtime_error("a hot loop: time stands still");
  }
  if (failed) std::rethrow_exception(failed);
  return true;
}

void life::run() {
  begin_engine();
  (void)play(one_pass(), [] { return false; });
}

bool life::live(std::optional<nanoseconds> pause, const std::function<bool()>& killed) {
  return play(pause ? passes(*pause) : serve(), killed);
}

bool life::pass_over(const std::string& job, std::filesystem::path file,
                     const std::function<bool()>& killed) {
  stopped_.reset();
  return play(own_pass(job, std::move(file)), killed);
}

void life::drain() {
  draining_ = true;
  service_->drain();
  bell_->ring();
}

}  // namespace patchbay::sim
