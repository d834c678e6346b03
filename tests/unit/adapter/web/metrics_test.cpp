#include "patchbay/adapter/web/metrics.hpp"

#include <doctest/doctest.h>

using namespace patchbay;
using namespace std::chrono_literals;

namespace {

const wall_time began{std::chrono::seconds(1'700'000'000)};

bool says(const metrics& numbers, std::string_view line) {
  return numbers.text().find("\n" + std::string(line) + "\n") != std::string::npos;
}

run_report report_of(std::int64_t applied, std::int64_t carried) {
  run_report report;
  report.job = "erp";
  report.totals.applied = applied;
  report.totals.unchanged = 90;
  report.totals.pending = 7;
  report.carried.applied = carried;
  return report;
}

}  // namespace

TEST_CASE("metrics: requests are counted by method and code, their time in buckets") {
  metrics numbers("1.2", began);
  CHECK(says(numbers, R"(patchbay_requests_total{code="200",method="PATCH"} 0)"));
  numbers.request_begun();
  numbers.request_begun();
  CHECK(says(numbers, "patchbay_inflight_requests 2"));
  numbers.request_ended(request_class::patch, "429", 30ms);
  numbers.request_ended(request_class::token, "timed_out", 15s);
  CHECK(says(numbers, R"(patchbay_requests_total{code="429",method="PATCH"} 1)"));
  CHECK(says(numbers, R"(patchbay_requests_total{code="timed_out",method="POST"} 1)"));
  CHECK(says(numbers, "patchbay_throttled_responses_total 1"));
  CHECK(says(numbers, "patchbay_inflight_requests 0"));
  CHECK(says(numbers, R"(patchbay_request_duration_seconds_bucket{le="0.025"} 0)"));
  CHECK(says(numbers, R"(patchbay_request_duration_seconds_bucket{le="0.05"} 1)"));
  CHECK(says(numbers, R"(patchbay_request_duration_seconds_bucket{le="15"} 2)"));
  CHECK(says(numbers, "patchbay_request_duration_seconds_count 2"));
}

TEST_CASE("metrics: rows are counted once they are something, work of older drops with them") {
  metrics numbers("1.2", began);
  numbers.add(report_of(3, 4));
  numbers.add(report_of(10, 0));
  CHECK(says(numbers, R"(patchbay_records_total{job="erp",outcome="applied"} 17)"));
  CHECK(says(numbers, R"(patchbay_records_total{job="erp",outcome="unchanged"} 180)"));
  CHECK(numbers.text().find("pending\"") == std::string::npos);
}

TEST_CASE("metrics: gauges are sums over the jobs, and a job that is gone is gone") {
  metrics numbers("1.2", began);
  status_report status;
  status.as_of = began + 100s;
  status.jobs.resize(2);
  status.jobs[0].name = "erp";
  status.jobs[0].pending = 2;
  status.jobs[0].oldest_pending = began + 40s;
  status.jobs[0].last_success = began;
  status.jobs[0].last_run = began + 60s;
  status.jobs[1].name = "web";
  status.jobs[1].pending = 3;
  status.jobs[1].dead_letters = 5;
  status.jobs[1].held.resize(1);
  status.windows.push_back({request_class::patch, {50, 10s}, 20});
  numbers.take(status);
  CHECK(says(numbers, "patchbay_pending 5"));
  CHECK(says(numbers, "patchbay_oldest_pending_seconds 60"));
  CHECK(says(numbers, "patchbay_dead_letters 5"));
  CHECK(says(numbers, "patchbay_held_drops 1"));
  CHECK(says(numbers, R"(patchbay_window_used_ratio{method="PATCH",window="10s"} 0.4)"));
  CHECK(says(numbers, R"(patchbay_last_success_timestamp_seconds{job="erp"} 1700000000)"));
  CHECK(says(numbers, R"(patchbay_last_success_timestamp_seconds{job="web"} 0)"));
  CHECK(says(numbers, R"(patchbay_last_run_timestamp_seconds{job="erp"} 1700000060)"));
  CHECK(says(numbers, R"(patchbay_last_run_timestamp_seconds{job="web"} 0)"));
  status.jobs.pop_back();
  status.jobs[0].oldest_pending.reset();
  status.windows.clear();
  numbers.take(status);
  CHECK(says(numbers, "patchbay_pending 2"));
  CHECK(says(numbers, "patchbay_oldest_pending_seconds 0"));
  CHECK_FALSE(says(numbers, R"(patchbay_last_success_timestamp_seconds{job="web"} 0)"));
  CHECK(numbers.text().find("window_used_ratio{") == std::string::npos);
}

TEST_CASE("metrics: a textfile leaves out what node_exporter says of itself") {
  const metrics numbers("1.2", began);
  CHECK(numbers.text(true).find("process_start_time_seconds 1700000000") != std::string::npos);
  CHECK(numbers.text(false).find("process_") == std::string::npos);
  CHECK(numbers.text(false).find(R"(patchbay_build_info{version="1.2"} 1)") != std::string::npos);
}
