#include "patchbay/adapter/system/lane_pulse.hpp"

#include <ctime>
#include <optional>
#include <utility>

#include <pthread.h>

namespace patchbay {
namespace {

/// Less than this between two looks is no work: SQLite that waits for a lock naps and looks.
constexpr milliseconds least_work{10};

nanoseconds used_by(clockid_t thread) {
  timespec used{};
  if (::clock_gettime(thread, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + nanoseconds(used.tv_nsec);
}

}  // namespace

/// Shared with the question on the lane, which may be answered after the pulse has gone.
struct lane_pulse::state {
  std::string name;
  std::optional<clockid_t> thread;  ///< its CPU clock, told with the first answer
  bool asking = false;
  instant asked_at{0};
  instant moved_at{0};  ///< of the last sign of life
  nanoseconds used{0};
};

lane_pulse::lane_pulse(lane& asked, boost::asio::io_context& loop, const clock& time,
                       std::string name)
    : asked_(asked), loop_(loop), time_(time), state_(std::make_shared<state>()) {
  state_->name = std::move(name);
}

lane_pulse::~lane_pulse() = default;

const std::string& lane_pulse::name() const {
  return state_->name;
}

void lane_pulse::ask() {
  state_->asking = true;
  state_->asked_at = state_->moved_at = time_.now();
  auto on_lane = [name = state_->name] {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    clockid_t own{};
    ::pthread_getcpuclockid(::pthread_self(), &own);
    return own;
  };
  asked_.ask(loop_.get_executor(), std::move(on_lane), [shared = state_](clockid_t own) {
    shared->asking = false;
    shared->thread = own;
  });
}

bool lane_pulse::beats(nanoseconds patience, nanoseconds longest) {
  const instant now = time_.now();
  if (!state_->asking) {
    ask();
    return true;
  }
  if (state_->thread) {
    const nanoseconds used = used_by(*state_->thread);
    if (used - state_->used >= least_work) {
      state_->used = used;
      state_->moved_at = now;
    }
  }
  return now - state_->moved_at < patience && now - state_->asked_at < longest;
}

}  // namespace patchbay
