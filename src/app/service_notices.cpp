#include "service_notices.hpp"

#include <chrono>
#include <utility>

#include "patchbay/adapter/report/service_text.hpp"
#include "patchbay/adapter/system/systemd_notifier.hpp"

namespace patchbay {
namespace {

using std::chrono::seconds;

constexpr seconds look_every{1};
constexpr seconds rest_asked_every{10};

/// In watchdog spans (WatchdogSec=): a thread may hang for so long, and work on one thing for so
/// long, before the watchdog goes hungry. docs/operations.md.
constexpr int patience_spans = 4;
constexpr int longest_spans = 60;
/// Without a watchdog: of the drain.
constexpr seconds usual_span{30};

/// A drain asks for time in small pieces, so that one that hangs is ended soon.
constexpr seconds time_asked_for{15};
constexpr seconds time_asked_every{5};
/// What a commit and the way back may take beyond the requests in flight.
constexpr seconds commit_takes{15};

std::shared_ptr<const zone> zone_of(composition& all, const std::string& name) {
  for (const job_spec& job : all.config().jobs) {
    if (job.name == name) return all.zones().find(job.timezone);
  }
  return all.zones().find("UTC");
}

}  // namespace

/// Shared with the question on the store's lane.
struct service_notices::rest {
  bool asking = false;
  bool known = false;
  instant asked_at{0};
  std::vector<resting_job> jobs;
};

service_notices::service_notices(composition& all, status_observer& watcher, log_observer& log)
    : all_(all),
      watcher_(watcher),
      log_(log),
      store_(all.store_lane(), all.loop(), all.time(), "store"),
      rows_(all.rows_lane(), all.loop(), all.time(), "rows"),
      rest_(std::make_shared<rest>()) {}

service_notices::~service_notices() = default;

void service_notices::begin() {
  systemd::ready();
  looks_.emplace(all_.loop(), look_every, [this] { look(); });
  ask_resting();
  if (const auto span = systemd::watchdog_span()) {
    feed(*span);
    watchdog_.emplace(all_.loop(), *span / 2, [this, span] { feed(*span); });
  }
}

void service_notices::reloading() {
  systemd::reloading();
  systemd::status("reading the configuration again: what is in flight is finished first");
}

void service_notices::kept() {
  systemd::ready();
  told_.clear();
}

void service_notices::stopping() {
  systemd::stopping();
  const api_spec& api = all_.config().api;
  drain_until_ = all_.time().now() + api.connect_timeout + api.request_timeout + commit_takes;
  ask_for_time();
  drain_.emplace(all_.loop(), time_asked_every, [this] { ask_for_time(); });
}

void service_notices::end() {
  looks_.reset();
  watchdog_.reset();
  drain_.reset();
}

void service_notices::ask_for_time() {
  if (all_.time().now() >= drain_until_) return;
  if (gets_on(systemd::watchdog_span().value_or(usual_span))) {
    systemd::extend_timeout(time_asked_for);
  }
}

bool service_notices::gets_on(nanoseconds span) {
  const nanoseconds patience = span * patience_spans;
  const nanoseconds longest = span * longest_spans;
  std::string stuck;
  for (lane_pulse* const one : {&store_, &rows_}) {
    if (!one->beats(patience, longest)) stuck = one->name();
  }
  if (stuck == stuck_) return stuck.empty();
  stuck_ = stuck;
  if (stuck.empty()) {
    watcher_.note(severity::info, "lane_answers", "every thread answers again", {});
  } else {
    watcher_.note(
        severity::error, "lane_stuck",
        "the thread of the " + stuck + " does not answer: the watchdog is not fed until it does",
        {{"lane", stuck}});
  }
  return stuck.empty();
}

void service_notices::feed(nanoseconds span) {
  if (gets_on(span)) systemd::feed_watchdog();
}

void service_notices::look() {
  log_.look();
  const instant now = all_.time().now();
  const bool ended = std::exchange(ran_, !watcher_.running().empty()) && !ran_;
  if (ended) rest_->known = false;  // what was counted before the run
  if (!rest_->asking && (ended || now - rest_->asked_at >= rest_asked_every)) ask_resting();
  tell_status();
}

void service_notices::tell_status() {
  std::string text;
  for (const progress& one : watcher_.running()) {
    text +=
        (text.empty() ? "" : "; ") + running_text(one, all_.time().wall(), *zone_of(all_, one.job));
  }
  if (text.empty() && rest_->known) text = idle_text(rest_->jobs, all_.time().wall());
  if (text.empty() || text == told_) return;
  told_ = text;
  systemd::status(text);
}

/// Counts are the store's business, and the loop waits for nobody.
void service_notices::ask_resting() {
  rest_->asking = true;
  rest_->asked_at = all_.time().now();
  std::vector<resting_job> jobs;
  for (const service_job& one : all_.nights().jobs()) {
    resting_job job{one.spec->name, {}, all_.zones().find(one.spec->timezone), 0, 0};
    job.next_run = one.times->next_due(all_.time().wall());
    jobs.push_back(std::move(job));
  }
  auto count = [store = &all_.store(), jobs = std::move(jobs)]() mutable {
    try {
      for (resting_job& job : jobs) {
        job.pending = store->counts(job.name).pending;
        for (const drop_record& drop : store->drops(job.name)) {
          job.held += drop.state == drop_state::held ? 1 : 0;
        }
      }
    } catch (const store_error&) {
      jobs.clear();  // whoever works with the store says it, and ends
    }
    return jobs;
  };
  all_.store_lane().ask(all_.loop().get_executor(), std::move(count),
                        [shared = rest_](std::vector<resting_job> counted) {
                          shared->asking = false;
                          shared->known = !counted.empty();
                          shared->jobs = std::move(counted);
                        });
}

}  // namespace patchbay
