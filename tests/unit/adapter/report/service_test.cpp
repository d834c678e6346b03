#include <doctest/doctest.h>

#include "patchbay/adapter/report/service_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

using namespace patchbay;

namespace {

/// An hour ahead of UTC, without any change.
class one_hour_ahead final : public zone {
 public:
  std::string name() const override { return "Test/Ahead"; }
  local_time reading_at(wall_time when) const override {
    return local_time(when.time_since_epoch() + std::chrono::hours(1));
  }
  wall_time moment_of(local_time reading) const override {
    return wall_time(reading.time_since_epoch() - std::chrono::hours(1));
  }
};

const auto ahead = std::make_shared<one_hour_ahead>();
const wall_time night = parse_utc("2026-11-24T01:30:00Z");  // a Tuesday

progress delivering() {
  progress now;
  now.job = "erp-customers";
  now.stage = "delivering";
  now.done = 3'120;
  now.of = 9'800;
  now.per_second = 3.3;
  now.rejected = 4;
  return now;
}

}  // namespace

TEST_CASE("service: the status says how far a run is and when it is done, on the job's clock") {
  CHECK(running_text(delivering(), night, *ahead) ==
        "erp-customers: 3,120 of 9,800, 3.3/s, done 03:03, 4 rejected");
}

TEST_CASE("service: other stages are named, and what is waited for takes the place of the hour") {
  progress now = delivering();
  now.stage = "draining";
  now.waiting_for = "the API to answer again";
  CHECK(running_text(now, night, *ahead) ==
        "erp-customers: draining 3,120 of 9,800, 3.3/s, 4 rejected, waits for the API to answer "
        "again");
  progress reading;
  reading.job = "erp";
  reading.stage = "reading";
  reading.done = 1'000;
  reading.bytes = 812'000'000;
  reading.of_bytes = 1'600'000'000;
  reading.per_second = 1'200'000;
  CHECK(running_text(reading, night, *ahead) == "erp: reading 1,000, 812 MB of 1.6 GB, 1200000/s");
}

TEST_CASE("service: an hour of another day has its weekday, a later one its date") {
  CHECK(hour_text(parse_utc("2026-11-24T22:59:00Z"), night, *ahead) == "23:59");
  CHECK(hour_text(parse_utc("2026-11-24T23:00:00Z"), night, *ahead) == "Wed 00:00");
  CHECK(hour_text(parse_utc("2026-12-24T23:00:00Z"), night, *ahead) == "2026-12-25 00:00");
}

TEST_CASE("service: at rest it says the next run, and what is pending and held") {
  const std::vector<resting_job> jobs{{"crm", parse_utc("2026-11-25T01:15:00Z"), ahead, 2, 0},
                                      {"erp", parse_utc("2026-11-24T04:15:00Z"), ahead, 10, 1}};
  CHECK(idle_text(jobs, night) == "idle: next erp 05:15, 12 pending, 1 held");
  const std::vector<resting_job> one{{"erp", {}, ahead, 0, 0}};
  CHECK(idle_text(one, night) == "idle: waits for drops");
}
