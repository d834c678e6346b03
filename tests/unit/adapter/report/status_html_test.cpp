#include "patchbay/adapter/report/status_html.hpp"

#include <doctest/doctest.h>

#include "report_bench.hpp"

using namespace patchbay;
using namespace patchbay::report_test;
using namespace std::chrono_literals;

namespace {

const wall_time noon = parse_utc("2026-11-23T12:00:00Z");

status_report busy_status() {
  status_report status;
  status.as_of = noon;
  status.jobs.resize(1);
  job_status& job = status.jobs.back();
  job.name = "erp";
  job.next_run = noon + 2h;
  job.last_success = noon - 26h;
  job.pending = 6'680;
  job.oldest_pending = noon - 3h;
  job.dead_letters = 3;
  job.letters_by_code = {{"NOT_APPLIED", 1}, {"VALIDATION_ERROR", 2}};
  running_run run;
  run.run = "20261123T090000Z-erp";
  run.stage = "delivering";
  run.done = 3'120;
  run.of = 9'800;
  run.per_second = 3.3;
  run.rejected = 4;
  run.drop = "customers_1.csv";
  run.since = noon - 30min;
  job.running = run;
  status.windows.push_back({request_class::patch, {50, 10s}, 31});
  return status;
}

held_drop held_sample() {
  held_drop held;
  held.drop = "customers 2.csv";
  held.reason = "budget changes: 40% is more than the allowed 20%";
  held.exceeded = {{"changes", "20%", "40%", true, ""}};
  held.plan = sample_run();
  held.plan->planned.changed = 4'000;
  return held;
}

std::string part(const status_report& status, const std::string& id) {
  for (const auto& [name, html] : status_parts(status)) {
    if (name == id) return html;
  }
  return {};
}

}  // namespace

TEST_CASE("status page: a running drop has stage, share, rate and the time left") {
  const std::string page = status_html(busy_status());
  CHECK(contains(page, "Now: delivering <span class=name>customers_1.csv</span>"));
  CHECK(contains(page,
                 "<b>3,120</b> of 9,800 customers settled in this run (31%) · 3.3/s · 34 min left"
                 " · 4 of them rejected"));
  CHECK(contains(page, "<progress value=3120 max=9800 aria-label=\"erp, delivering\">"));
  CHECK(contains(page, "<b>31</b> of 50 used"));
  CHECK(contains(page, "6,680 customers still to be sent"));
  CHECK(contains(page, "in 2 h"));
  CHECK(contains(page, "<title>patchbay: running</title>"));
}

TEST_CASE("status page: who waits for the API is told no time left") {
  status_report status = busy_status();
  status.jobs[0].running->waiting_for = "the API to answer again";
  const std::string html = part(status, "job-0-now");
  CHECK(contains(html, "Waits for the API to answer again"));
  CHECK_FALSE(contains(html, "3.3/s"));
  CHECK_FALSE(contains(html, "left"));
  status.silent = silence{noon, "the next try at 12:00:06"};
  CHECK(contains(part(status, "job-0-now"), "the next try at 12:00:06"));
  status.silent = silence{noon, "the API does not answer PATCH", noon + 6s};
  CHECK(
      contains(part(status, "job-0-now"),
               "does not answer PATCH; the next try at <time datetime=\"2026-11-23T12:00:06Z\">"));
}

TEST_CASE("status page: every part that may be told anew is on the page as it is told") {
  status_report status = busy_status();
  status.jobs[0].held.push_back(held_sample());
  const std::string page = status_html(status);
  const auto parts = status_parts(status);
  CHECK(parts.size() == 7);
  for (const auto& [id, html] : parts) {
    CAPTURE(id);
    CHECK(contains(page, html));
    const std::string tag = html.substr(0, html.find('>'));
    CHECK((contains(tag, "id=" + id) || contains(tag, "id=\"" + id + "\"")));
  }
}

TEST_CASE("status page: a job that may not start says until when") {
  status_report status = busy_status();
  status.jobs[0].paused = job_pause{"blackout", noon + 30min};
  CHECK(contains(part(status, "job-0-now"), "by its blackout, until "));
  CHECK(contains(part(status, "job-0-now"), "in 30 min"));
}

TEST_CASE("status page: a held drop shows its plan, what was exceeded, and what to type") {
  status_report status = busy_status();
  status.jobs[0].held.push_back(held_sample());
  const std::string html = part(status, "job-0-held");
  CHECK(contains(html, "Held: customers 2.csv"));
  CHECK(contains(html, "Budgets exceeded"));
  CHECK(contains(html, "4,000 customers would change"));
  CHECK(contains(html, "patchbay approve &#39;customers 2.csv&#39;"));
  CHECK(contains(part(status, "summary"), "1 drop waits for somebody to approve or discard"));
}

TEST_CASE("status page: no key and no value of a customer is on it") {
  status_report status = busy_status();
  status.jobs[0].held.push_back(held_sample());
  const std::string page = status_html(status);
  // What the sample's plan says of customers.
  for (const char* secret : {"C-3", "C-7", "a@x.it", "b@x.it", "xYZkjABcde"}) {
    CAPTURE(secret);
    CHECK_FALSE(contains(page, secret));
  }
}

TEST_CASE("status page: hostile names stay text") {
  status_report status = busy_status();
  const std::string hostile = "\"><script>alert(1)</script><img onerror=x>";
  job_status& job = status.jobs[0];
  job.name = job.running->run = job.running->stage = job.running->waiting_for = job.running->drop =
      hostile;
  job.letters_by_code = {{hostile, 1}};
  held_drop held = held_sample();
  held.drop = held.reason = held.exceeded[0].name = held.exceeded[0].detail = hostile;
  job.held.push_back(held);
  job.waiting.push_back(held);
  status.silent = silence{noon, hostile};
  const std::string page = status_html(status);
  CHECK_FALSE(contains(page, "<script>"));
  CHECK_FALSE(contains(page, "<img"));
}

TEST_CASE(
    "status page: nothing comes from elsewhere, and nothing needs more than a strict policy") {
  status_report status = busy_status();
  status.jobs[0].held.push_back(held_sample());
  const std::string page = status_html(status);
  for (const char* outside : {"http://", "https://", "style=", "<style", "onclick", "onload"}) {
    CAPTURE(outside);
    CHECK_FALSE(contains(page, outside));
  }
  CHECK_FALSE(contains(status_style(), "url("));
  CHECK_FALSE(contains(status_style(), "@import"));
}

TEST_CASE("status page: an idle page is the same a second later, and another after a minute") {
  status_report status = busy_status();
  status.jobs[0].running.reset();
  const auto before = status_parts(status);
  status.as_of += 1s;
  status.jobs[0].next_run = noon + 2h;
  const auto second = status_parts(status);
  status.as_of += 70s;
  CHECK(before[3].second != status_parts(status)[3].second);
  status.jobs[0].last_success = status.as_of - 61s;
  CHECK(contains(part(status, "job-0-now"), ">1 min ago<"));
  status.as_of = noon;
  CHECK(second[0] == before[0]);
}

TEST_CASE(
    "status page: it says what it was asked for, why it stopped, and of which machine it is") {
  status_report status = busy_status();
  status.host = "shop-1";
  status.version = "1.2.3";
  status.owner = owner_status{42, noon - 1h};
  status.asked = {{"approve", "c.csv", false, "anna", noon},
                  {"retry", "C-000007", true, "anna", noon}};
  run_summary last;
  last.job = "erp";
  last.run = "20261123T080000Z-erp";
  last.outcome = run_outcome::stopped;
  last.reason = "told to stop";
  last.drops = {"customers_0.csv"};
  last.started_at = noon - 4h;
  last.finished_at = noon - 3h;
  last.totals.applied = 3;
  last.totals.held = 21;
  last.totals.pending = 22;
  run_summary quiet = last;
  quiet.totals = {};
  quiet.drops.clear();
  quiet.started_at = noon - 28h;
  status.history = {last, quiet};
  const std::string page = status_html(status);
  CHECK(contains(page, "patchbay 1.2.3 on shop-1, process 42, running since"));
  CHECK(contains(page, "approve c.csv"));
  CHECK(contains(page, "retry the dead letters of a customer"));
  CHECK_FALSE(contains(page, "C-000007"));
  CHECK(contains(page, "<dt>Last stop</dt>"));
  CHECK(contains(page, "told to stop"));
  const std::string runs = part(status, "job-0-runs");
  for (const char* words :
       {"customers_0.csv", "20261123T080000Z-erp", "data-label=\"held\" class=n>21",
        "data-label=\"pending\" class=n>22", "older drops", "the oldest, 2026-11-22 08:00 UTC",
        "the newest, 2026-11-23 08:00 UTC", "the newest first", "the highest is 46",
        "<rect class=nothing"}) {
    CAPTURE(words);
    CHECK(contains(runs, words));
  }
}

TEST_CASE("status page: silence of the API and a failed run are failing, a held drop is held") {
  status_report status;
  status.as_of = noon;
  status.jobs.resize(1);
  status.jobs[0].name = "erp";
  CHECK(contains(part(status, "summary"), ">idle<"));
  status.jobs[0].held.push_back(held_sample());
  CHECK(contains(part(status, "summary"), ">held<"));
  status.silent = silence{noon - 5min, "timed out"};
  CHECK(contains(part(status, "summary"), ">failing<"));
  const std::string since =
      "no good answer since <time datetime=\"2026-11-23T11:55:00Z\">2026-11-23 11:55:00 UTC</time>";
  CHECK(contains(part(status, "summary"), since));
  status.silent.reset();
  run_summary failed;
  failed.job = "erp";
  failed.outcome = run_outcome::failed;
  status.history.push_back(failed);
  CHECK(contains(part(status, "summary"), "The last run of <span class=name>erp</span> failed."));
}
