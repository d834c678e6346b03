#include <doctest/doctest.h>

#include "patchbay/adapter/web/metered_exchange.hpp"

using namespace patchbay;
using namespace std::chrono_literals;

namespace {

class hand_clock final : public clock {
 public:
  [[nodiscard]] instant now() const override { return at; }
  [[nodiscard]] wall_time wall() const override {
    return wall_time(std::chrono::duration_cast<milliseconds>(at));
  }
  [[nodiscard]] std::unique_ptr<patchbay::alarm> make_alarm() override { return nullptr; }

  instant at{0};
};

using outcome = boost::system::result<reply, no_reply>;

outcome status(int code) {
  reply made;
  made.status = code;
  return made;
}

outcome nothing() {
  return no_reply{no_reply::cause::unsent, "no way to api.example", instant(0)};
}

}  // namespace

TEST_CASE("traffic: several failures in a row are a silence, since the first of them") {
  hand_clock time;
  metrics numbers("1", time.wall());
  traffic_meter meter(numbers, time);
  const auto request = [&](const outcome& how) {
    const instant begun = meter.begin();
    time.at += 10s;
    meter.end(request_class::get, begun, how);
  };
  request(status(200));
  request(nothing());
  request(status(503));
  CHECK_FALSE(meter.silent());
  request(nothing());
  REQUIRE(meter.silent());
  CHECK(meter.silent()->since == wall_time(20s));
  CHECK(meter.silent()->why == "no way to api.example");
  request(status(422));
  CHECK_FALSE(meter.silent());
  request(nothing());
  CHECK_FALSE(meter.silent());
  CHECK(numbers.text().find(R"(patchbay_requests_total{code="unsent",method="GET"} 3)") !=
        std::string::npos);
}
