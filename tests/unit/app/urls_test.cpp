#include <doctest/doctest.h>

#include "settings_bench.hpp"

using namespace patchbay;
using namespace patchbay::settings_test;
using namespace std::chrono_literals;

namespace {

std::string base(const std::string& url) {
  return with("base_url: https://acme.commercelayer.io/api", "base_url: " + url);
}

std::string api(const std::string& lines) {
  return with("  client_id: abc", "  client_id: abc\n  " + lines);
}

}  // namespace

TEST_CASE("settings: plain http is refused but for this very machine") {
  CHECK(fault_of(base("http://acme.example/api")) == "HTTP_NOT_LOOPBACK 2:13 api.base_url");
  CHECK(fault_of(base("http://10.0.0.1/api")) == "HTTP_NOT_LOOPBACK 2:13 api.base_url");
  CHECK(fault_of(base("http://127.evil.example/api")) == "HTTP_NOT_LOOPBACK 2:13 api.base_url");
  CHECK(fault_of(base("http://localhost.evil.example/")) == "HTTP_NOT_LOOPBACK 2:13 api.base_url");
  CHECK(fault_of(with("https://auth", "http://auth")) == "HTTP_NOT_LOOPBACK 3:14 api.token_url");
  for (const std::string fine : {"http://127.0.0.1:8443/api", "http://localhost/api",
                                 "\"http://[::1]:9000/api\"", "http://127.1.2.3/api"}) {
    CAPTURE(fine);
    CHECK(fault_of(base(fine)) == "good");
  }
}

TEST_CASE("settings: an address is an https address, its slash at the end goes") {
  CHECK(values(base("https://x.example:8443/api//")).api.base_url == "https://x.example:8443/api");
  for (const std::string wrong :
       {"acme.example/api", "ftp://acme.example/api", "https:///api", "https://x.example/api?a=b",
        "\"https://x.example/api#x\"", "https://x.example:0/api", "https://x.example:99999/api",
        "\"https://x .example/api\""}) {
    CAPTURE(wrong);
    CHECK(fault_of(base(wrong)) == "CONFIG_VALUE 2:13 api.base_url");
  }
}

TEST_CASE("settings: windows are whole or absent") {
  const settings s = values(api("limits: {average: {requests: 60, per: 6s}, reserve: 12.5%}"));
  CHECK(s.api.average == window_limit{60, 6s});
  CHECK_FALSE(s.api.burst);
  CHECK(s.api.reserve == doctest::Approx(0.125));
  CHECK(fault_of(api("limits: {average: {requests: 60}}")) ==
        "CONFIG_MISSING 5:12 api.limits.average.per");
  CHECK(fault_of(api("limits: {burst: {requests: 0, per: 1s}}")) ==
        "CONFIG_VALUE 5:30 api.limits.burst.requests");
  CHECK(fault_of(api("limits: {reserve: 95%}")) == "CONFIG_VALUE 5:21 api.limits.reserve");
  CHECK(fault_of(api("limits: {reserve: 0.2}")) == "CONFIG_WRONG_TYPE 5:21 api.limits.reserve");
  CHECK(fault_of(api("limits: {avarage: {requests: 60, per: 6s}}")) ==
        "CONFIG_UNKNOWN_KEY 5:12 api.limits.avarage");
}

TEST_CASE("settings: pauses and time-outs have bounds") {
  const settings s =
      values(api("timeouts: {connect: 1s, request: 2s}\n  retry: {attempts: 3, "
                 "base: 10ms, cap: 1s, give_up: 30s}"));
  CHECK(s.api.connect_timeout == 1s);
  CHECK(s.api.retry.give_up == 30s);
  CHECK(fault_of(api("timeouts: {connect: 5}")) == "CONFIG_WRONG_TYPE 5:23 api.timeouts.connect");
  CHECK(fault_of(api("timeouts: {request: 0s}")) == "CONFIG_VALUE 5:23 api.timeouts.request");
  CHECK(fault_of(api("retry: {attempts: 0}")) == "CONFIG_VALUE 5:21 api.retry.attempts");
  CHECK(fault_of(api("retry: {base: 10s, cap: 1s}")) == "CONFIG_VALUE 5:27 api.retry.cap");
}
