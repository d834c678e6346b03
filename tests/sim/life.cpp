#include "life.hpp"

#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>

namespace patchbay::sim {

namespace asio = boost::asio;

std::vector<op_result> watched_store::commit(std::span<const delivery_op> ops, instant now) {
  std::vector<op_result> made = inner_.commit(ops, now);
  for (const op_result& one : made) {
    const auto* row = std::get_if<settled_row>(&one);
    if (row != nullptr && row->settled) on_settled_(row->key);
  }
  return made;
}

void silent_observer::note(severity, std::string_view event, std::string_view text,
                           const log_fields& fields) {
  static const bool tells = std::getenv("PATCHBAY_TRACE") != nullptr;
  if (!tells) return;
  std::cerr << "  " << event << ": " << text;
  for (const auto& [name, held] : fields) std::cerr << " " << name << "=" << held;
  std::cerr << "\n";
}

sqlite_options life::store_options(const settings& config, const std::string& process) {
  return {.path = config.state_path / "patchbay.db",
          .boot_id = "one boot",
          .process = process,
          .process_alive = {}};
}

life::life(life_parts parts)
    : parts_(std::move(parts)),
      job_(parts_.config.jobs.front()),
      loop_(std::make_unique<asio::io_context>(1)),
      busy_(std::make_unique<asio::executor_work_guard<asio::io_context::executor_type>>(
          loop_->get_executor())),
      inline_lane_(loop_->get_executor()),
      store_(store_options(parts_.config, "life " + std::to_string(parts_.seed)),
             parts_.time.now()),
      watched_(store_, parts_.on_settled),
      seal_(sodium_seal::open_key(parts_.config.state_path / "seal.key").value()),
      opener_(job_.source.csv, parts_.config.limits),
      lines_({.path = parts_.config.state_path / "lines.set",
              .store_id = store_.identity().id,
              .generation = [this] { return store_.generation(job_.name); }}),
      spool_(job_.source),
      api_(parts_.wires.factory()) {
  delivery_parts given{watched_,
                       store_,
                       inline_lane_,
                       {{job_.name, &lines_}},
                       *api_,
                       *api_,
                       [] { return result<std::string>("sandbox-secret"); },
                       seal_,
                       parts_.time,
                       watcher_,
                       parts_.seed};
  delivery_ = std::make_unique<delivery>(std::move(given), parts_.config);
  store_.recover(parts_.time.now(), parts_.config.api.request_timeout);
  service_ =
      std::make_unique<service>(std::vector<service_job>{}, *delivery_, parts_.time, watcher_);
}

/// First those who wait, then those who are about to go on, then what they worked with.
life::~life() {
  parts_.time.abandon_waiters();
  busy_.reset();
  loop_.reset();
}

service_job life::the_job() {
  const intake_parts intake{
      store_, inline_lane_, inline_lane_, opener_, lines_, &delivery_->reader(),
      seal_,  parts_.time,  watcher_,     "/api"};
  return {&job_, {intake, spool_, store_, {}}, {}, {}};
}

bool life::run(crash when) {
  bool ended = false;
  std::exception_ptr failed;
  asio::co_spawn(*loop_, service_->run_job(the_job(), pickup_options{}),
                 [&ended, &failed](std::exception_ptr thrown, const pass_result&) {
                   ended = true;
                   failed = thrown;
                 });
  for (int made = 0; !ended; ++made) {
    if (when.steps && made >= *when.steps) return false;
    if (when.at && parts_.time.now() >= *when.at) return false;
    if (loop_->poll_one() > 0) continue;
    if (!parts_.time.advance()) throw std::runtime_error("everybody waits, for ever");
  }
  if (failed) std::rethrow_exception(failed);
  return true;
}

}  // namespace patchbay::sim
