#include "status_desk.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "patchbay/adapter/report/text_layout.hpp"
#include "patchbay/adapter/system/state_lock.hpp"

namespace patchbay {
namespace {

constexpr std::chrono::seconds at_most_every{1};
/// Gathering may take a twentieth of the lane's time.
constexpr int of_the_lane = 20;
constexpr std::chrono::seconds patience{3};

}  // namespace

status_desk::status_desk(composition& all, const live_observer& live)
    : all_(all),
      live_(live),
      gathering_(std::make_shared<status_gathering>(all)),
      patience_(all.loop()) {
  if (const auto owner = state_lock::owner_of(all.config().state_path)) {
    owner_ = owner_status{owner->pid, owner->since};
  }
}

void status_desk::close() {
  waiting_.clear();
  patience_.cancel();
}

void status_desk::ask(told then) {
  const instant now = all_.time().now();
  if (good_until_ && now < *good_until_) return then(completed());
  waiting_.push_back(std::move(then));
  if (!coming_) gather();
  if (waiting_.size() > 1) return;
  patience_.expires_after(patience);
  patience_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) answer_all();
  });
}

void status_desk::gather() {
  begun_ = all_.time().now();
  coming_ = std::make_shared<status_report>();
  const bool changed = std::exchange(runs_changed_, false);
  auto look = [gathering = gathering_, into = coming_, changed,
               windows = status_gathering::windows_of(all_)] {
    *into = gathering->gather(windows, changed);
  };
  all_.ask_store(std::move(look), [this](std::exception_ptr failed) { gathered(failed); });
}

void status_desk::gathered(std::exception_ptr failed) {
  const instant now = all_.time().now();
  good_until_ = now + std::max<nanoseconds>(at_most_every, of_the_lane * (now - begun_));
  const std::shared_ptr<status_report> fresh = std::exchange(coming_, nullptr);
  failure_.clear();
  if (!failed) {
    there_ = std::move(*fresh);
  } else {
    runs_changed_ = true;
    try {
      std::rethrow_exception(failed);
    } catch (const std::exception& why) {
      failure_ = why.what();
    }
  }
  answer_all();
}

void status_desk::answer_all() {
  patience_.cancel();
  const status_report now = completed();
  for (const told& then : std::exchange(waiting_, {})) then(now);
}

/// What this process itself knows better than the store.
status_report status_desk::completed() const {
  status_report made = there_;
  made.owner = owner_;
  made.silent = live_.silent();
  for (job_status& job : made.jobs) {
    if (const auto gone = live_.away().find(job.name); gone != live_.away().end()) {
      job.away = "it is not there, since " + day_text(gone->second);
    }
    const auto found = live_.running().find(job.name);
    if (found == live_.running().end()) continue;
    job.running = found->second;
    // What was counted a second ago and what has been settled since are told together.
    const running_run& run = *job.running;
    if (run.stage == "delivering" && run.of > 0) {
      job.pending = std::min(job.pending, run.of - run.done);
    }
  }
  return made;
}

}  // namespace patchbay
