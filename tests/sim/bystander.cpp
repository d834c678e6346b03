#include "bystander.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "patchbay/adapter/system/file_spool.hpp"
#include "patchbay/engine/verifying.hpp"
#include "trace.hpp"

namespace patchbay::sim {

namespace asio = boost::asio;

namespace {

sodium_seal key_of_state(const settings& config) {
  const std::filesystem::path file = config.state_path / "seal.key";
  result<sodium_seal> opened =
      std::filesystem::exists(file) ? sodium_seal::open_key(file) : sodium_seal::for_this_process();
  if (!opened) throw store_error(opened.error().message);
  return std::move(*opened);
}

}  // namespace

std::string bystander::name_of(int process) {
  return "bystander " + std::to_string(process);
}

bystander::bystander(life_parts parts, std::optional<std::filesystem::path> dry_run_of)
    : parts_(std::move(parts)),
      job_(parts_.config.jobs.front()),
      loop_(begin_process(parts_)),
      time_(parts_.time, parts_.booted, parts_.wall_is_ahead),
      disk_(*loop_, parts_.time, parts_.seed, parts_.slowest_call),
      lane_(parts_.slowest_call > nanoseconds(0) ? asio::any_io_executor(slow_executor(disk_))
                                                 : loop_->get_executor()),
      store_(life::store_options(parts_, name_of(parts_.process)), time_.now()),
      seal_(key_of_state(parts_.config)),
      opener_(job_.source.csv, parts_.config.limits),
      lines_({.path = parts_.config.state_path / "lines.set",
              .store_id = store_.identity().id,
              .generation = [this] { return store_.generation(job_.name); },
              .read_only = true,
              .table_from = 8}),
      api_(parts_.wires.factory(parts_.booted, parts_.process)) {
  delivery_parts given{store_,
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
  if (parts_.on_begin) parts_.on_begin();
  delivery_ = std::make_unique<delivery>(std::move(given), parts_.config);
  asio::co_spawn(*loop_, look(std::move(dry_run_of)), [this](const std::exception_ptr& failed) {
    ended_ = true;
    if (!failed) return;
    try {
      std::rethrow_exception(failed);
    } catch (const store_error& why) {
      trace(parts_.time.now(), std::string("a bystander's disk: ") + why.what());
    }
  });
}

bystander::~bystander() {
  parts_.time.abandon_waiters(parts_.process);
  disk_.calls.clear();
  loop_.reset();
}

intake_parts bystander::parts_of_intake() {
  return {store_,
          lane_,
          lane_,
          opener_,
          lines_,
          &delivery_->reader(),
          seal_,
          time_,
          watcher_,
          "/api",
          [] {
            constexpr std::size_t soon_on_disk = 4096;
            return std::make_unique<file_spool>(std::filesystem::temp_directory_path(),
                                                soon_on_disk);
          }};
}

asio::awaitable<void> bystander::look(std::optional<std::filesystem::path> dry_run_of) {
  if (dry_run_of) {
    plan_options options;
    options.admits = false;
    const unless_stopped<plan_ptr> made = co_await make_plan(
        parts_of_intake(), job_, *dry_run_of, dry_run_of->filename().string(), options);
    co_return;
  }
  const unless_stopped<drift_report> made =
      co_await verify_job(parts_of_intake(), job_, verify_options{});
  if (made) found_ = *made;
}

bool bystander::step() {
  if (ended_) return false;
  parts_.time.act_for(parts_.process);
  return loop_->poll_one() > 0;
}

}  // namespace patchbay::sim
