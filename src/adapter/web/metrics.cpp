#include "patchbay/adapter/web/metrics.hpp"

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace patchbay {
namespace {

using prometheus::Labels;

/// The gateway answers in some 25 ms; api.timeouts.request is 15 s by default.
const prometheus::Histogram::BucketBoundaries seconds_of_requests{0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                                  1,    2.5,   5,    10,  15,   30};

double seconds_of(nanoseconds span) {
  return std::chrono::duration<double>(span).count();
}

double seconds_of(wall_time at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

const char* method_of(request_class kind) {
  switch (kind) {
    case request_class::patch:
      return "PATCH";
    case request_class::get:
      return "GET";
    case request_class::token:
      return "POST";
  }
  return "";
}

std::string window_name(const window_limit& limit) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit.per).count()) + "s";
}

/// The rows of a drop; what is pending is told by a gauge until it is something else.
std::array<std::pair<const char*, std::int64_t>, 5> outcomes(const run_report& report) {
  const totals& t = report.totals;
  const carried_counts& c = report.carried;
  return {{{"unchanged", t.unchanged},
           {"applied", t.applied + c.applied},
           {"rejected", t.rejected + c.rejected},
           {"superseded", t.superseded + c.superseded},
           {"held", t.held}}};
}

/// The gauges of one family, by their labels; those that are not set any more go.
class gauge_family {
 public:
  gauge_family(prometheus::Registry& registry, const char* name, const char* means)
      : family_(prometheus::BuildGauge().Name(name).Help(means).Register(registry)) {}

  void set(const Labels& labels, double to) {
    prometheus::Gauge& one = family_.Add(labels);
    one.Set(to);
    known_[labels] = &one;
    fresh_.insert(labels);
  }

  void forget_the_rest() {
    for (auto one = known_.begin(); one != known_.end();) {
      if (fresh_.contains(one->first)) {
        ++one;
        continue;
      }
      family_.Remove(one->second);
      one = known_.erase(one);
    }
    fresh_.clear();
  }

 private:
  prometheus::Family<prometheus::Gauge>& family_;
  std::map<Labels, prometheus::Gauge*> known_;
  std::set<Labels> fresh_;
};

prometheus::Gauge& single_gauge(prometheus::Registry& registry, const char* name,
                                const char* means) {
  return prometheus::BuildGauge().Name(name).Help(means).Register(registry).Add({});
}

prometheus::Counter& single_counter(prometheus::Registry& registry, const char* name,
                                    const char* means) {
  return prometheus::BuildCounter().Name(name).Help(means).Register(registry).Add({});
}

}  // namespace

struct metrics::families {
  prometheus::Registry all;
  prometheus::Registry of_the_process;

  gauge_family last_success{
      all, "patchbay_last_success_timestamp_seconds",
      "When the last run of the job ended with everything applied; 0: never."};
  gauge_family last_run{all, "patchbay_last_run_timestamp_seconds",
                        "When the last run of the job ended, whatever became of its rows; 0: "
                        "never. A run that failed as a whole is none."};
  gauge_family window_used{all, "patchbay_window_used_ratio",
                           "How much of a sliding window of the API is spent."};
  prometheus::Family<prometheus::Gauge>& run_duration{
      prometheus::BuildGauge()
          .Name("patchbay_run_duration_seconds")
          .Help("How long the last run of the job was at a stage; the sum is the whole run.")
          .Register(all)};
  prometheus::Family<prometheus::Counter>& records{
      prometheus::BuildCounter()
          .Name("patchbay_records_total")
          .Help("Rows of drops by what became of them.")
          .Register(all)};
  prometheus::Family<prometheus::Counter>& requests{
      prometheus::BuildCounter()
          .Name("patchbay_requests_total")
          .Help("Requests to the API and its token endpoint; code: the status, or why there is "
                "none.")
          .Register(all)};
  prometheus::Histogram& duration{prometheus::BuildHistogram()
                                      .Name("patchbay_request_duration_seconds")
                                      .Help("From the first byte of a request, the connection "
                                            "included, to the last of its answer.")
                                      .Register(all)
                                      .Add({}, seconds_of_requests)};
  prometheus::Counter& throttled{single_counter(all, "patchbay_throttled_responses_total",
                                                "Answers 429: there should be none.")};
  prometheus::Gauge& pending{
      single_gauge(all, "patchbay_pending", "Customers with changes that are not confirmed yet.")};
  prometheus::Gauge& oldest_pending{
      single_gauge(all, "patchbay_oldest_pending_seconds",
                   "How long something has been owed to a customer, over the drops that "
                   "repeat it; 0: nothing is.")};
  prometheus::Gauge& dead_letters{single_gauge(all, "patchbay_dead_letters",
                                               "Customers whose change the API refused for good.")};
  prometheus::Gauge& held_drops{
      single_gauge(all, "patchbay_held_drops", "Drops that wait for patchbay approve or discard.")};
  prometheus::Gauge& inflight{
      single_gauge(all, "patchbay_inflight_requests", "Requests without an answer yet.")};
};

metrics::metrics(std::string_view version, wall_time since)
    : families_(std::make_unique<families>()) {
  prometheus::BuildGauge()
      .Name("patchbay_build_info")
      .Help("Always 1; the version that runs.")
      .Register(families_->all)
      .Add({{"version", std::string(version)}})
      .Set(1);
  single_gauge(families_->of_the_process, "process_start_time_seconds",
               "When the process was started.")
      .Set(seconds_of(since));
  // There from the beginning, so that the first one counts as an increase.
  for (const request_class kind :
       {request_class::patch, request_class::get, request_class::token}) {
    families_->requests.Add({{"method", method_of(kind)}, {"code", "200"}});
  }
}

metrics::~metrics() = default;

void metrics::request_begun() {
  families_->inflight.Increment();
}

void metrics::request_ended(request_class kind, const std::string& code, nanoseconds took) {
  families_->inflight.Decrement();
  families_->requests.Add({{"method", method_of(kind)}, {"code", code}}).Increment();
  families_->duration.Observe(seconds_of(took));
  if (code == "429") families_->throttled.Increment();
}

void metrics::add(const run_report& report) {
  for (const auto& [outcome, count] : outcomes(report)) {
    families_->records.Add({{"job", report.job}, {"outcome", outcome}})
        .Increment(static_cast<double>(count));
  }
}

void metrics::stage_took(const std::string& job, const std::string& stage, nanoseconds took) {
  families_->run_duration.Add({{"job", job}, {"stage", stage}}).Set(seconds_of(took));
}

void metrics::take(const status_report& status) {
  std::int64_t pending = 0;
  std::int64_t letters = 0;
  std::size_t held = 0;
  wall_time oldest = status.as_of;
  for (const job_status& job : status.jobs) {
    pending += job.pending;
    letters += job.dead_letters;
    held += job.held.size();
    if (job.oldest_pending) oldest = std::min(oldest, *job.oldest_pending);
    families_->last_success.set({{"job", job.name}},
                                job.last_success ? seconds_of(*job.last_success) : 0);
    families_->last_run.set({{"job", job.name}}, job.last_run ? seconds_of(*job.last_run) : 0);
    for (const auto& [outcome, count] : outcomes({})) {
      families_->records.Add({{"job", job.name}, {"outcome", outcome}});
    }
  }
  for (const window_status& window : status.windows) {
    const double share =
        window.limit.requests <= 0
            ? 0
            : static_cast<double>(window.used) / static_cast<double>(window.limit.requests);
    families_->window_used.set(
        {{"method", method_of(window.kind)}, {"window", window_name(window.limit)}}, share);
  }
  families_->last_success.forget_the_rest();
  families_->last_run.forget_the_rest();
  families_->window_used.forget_the_rest();
  families_->pending.Set(static_cast<double>(pending));
  families_->oldest_pending.Set(seconds_of(status.as_of) - seconds_of(oldest));
  families_->dead_letters.Set(static_cast<double>(letters));
  families_->held_drops.Set(static_cast<double>(held));
}

std::string metrics::text(bool whole) const {
  std::ostringstream out;
  const prometheus::TextSerializer as_text;
  as_text.Serialize(out, families_->all.Collect());
  if (whole) as_text.Serialize(out, families_->of_the_process.Collect());
  return out.str();
}

}  // namespace patchbay
