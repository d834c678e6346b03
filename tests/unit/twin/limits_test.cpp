#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "api.hpp"

using namespace patchbay;
using namespace patchbay::twin;

TEST_CASE("twin windows: the 51st request of ten seconds gets the API's very 429") {
  api twin;
  for (int i = 0; i < 50; ++i) CHECK(twin.get("customers/" + id_of(1)).answer.status == 200);
  const served got = twin.get("customers/" + id_of(1));
  CHECK(got.answer.status == 429);
  CHECK(got.answer.body ==
        R"({"errors":{"title":"Too Many Requests","code":"THROTTLED","status":429}})");
  CHECK(got.answer.header("retry-after") == "0");
  CHECK(got.answer.header("x-ratelimit-remaining") == "0");
  CHECK(got.answer.header("content-type") == "application/json; charset=utf-8");
  CHECK(got.answer.header("x-request-id").empty());
}

TEST_CASE("twin windows: the headers speak of the average alone") {
  api twin({.test_mode = true});
  const served got = twin.get("customers/" + id_of(1));
  CHECK(got.answer.header("x-ratelimit-limit") == "100");
  CHECK(got.answer.header("x-ratelimit-interval") == "60");
  CHECK(got.answer.header("x-ratelimit-remaining") == "99");
}

TEST_CASE("twin windows: GETs do not spend what PATCHes may use") {
  api twin;
  for (int i = 0; i < 60; ++i) (void)twin.get("customers/" + id_of(1));
  CHECK(twin.patch(id_of(1), R"("attributes":{"profile_id":"p"})").answer.status == 200);
}

TEST_CASE("twin windows: the burst counts each resource for itself, the average all of them") {
  api twin({.limits = window_limits{{6, seconds(60)}, {4, seconds(10)}}});
  for (int i = 0; i < 4; ++i) CHECK(twin.get("customers").answer.status == 200);
  CHECK(twin.get("customer_groups").answer.status == 200);
  CHECK(twin.get("customer_groups").answer.status == 200);
  CHECK(twin.get("customer_groups").answer.status == 429);
}

TEST_CASE("twin windows: they slide, and are never reset at a boundary") {
  api twin({.limits = window_limits{{2, seconds(10)}}, .refused_count = false});
  CHECK(twin.get("customers").answer.status == 200);
  twin.now_ += seconds(9);
  CHECK(twin.get("customers").answer.status == 200);
  twin.now_ += seconds(1);
  CHECK(twin.get("customers").answer.status == 200);
  CHECK(twin.get("customers").answer.status == 429);
  twin.now_ += seconds(9) - nanoseconds(1);
  CHECK(twin.get("customers").answer.status == 429);
  twin.now_ += nanoseconds(1);
  CHECK(twin.get("customers").answer.status == 200);
}

TEST_CASE("twin windows: whether a refused request counts is an option") {
  for (const bool counts : {true, false}) {
    api twin({.limits = window_limits{{1, seconds(10)}}, .refused_count = counts});
    CHECK(twin.get("customers").answer.status == 200);
    twin.now_ += seconds(6);
    CHECK(twin.get("customers").answer.status == 429);
    twin.now_ += seconds(6);
    CHECK(twin.get("customers").answer.status == (counts ? 429 : 200));
  }
}

TEST_CASE("twin windows: by chance in continuous time, no window ever holds more than its limit") {
  std::mt19937_64 chance(7);
  api twin({.limits = window_limits{{20, seconds(6)}, {5, seconds(1)}}, .refused_count = false});
  std::vector<instant> passed;
  for (int i = 0; i < 3000; ++i) {
    twin.now_ += milliseconds(chance() % 200);
    if (twin.get("customers/" + id_of(1)).answer.status == 200) passed.push_back(twin.now_);
  }
  CHECK(passed.size() > 500);
  for (std::size_t i = 0; i + 5 < passed.size(); ++i) {
    CHECK(passed[i + 5] - passed[i] >= seconds(1));
    if (i + 20 < passed.size()) CHECK(passed[i + 20] - passed[i] >= seconds(6));
  }
}

TEST_CASE("twin windows: none are none") {
  api twin({.limits = window_limits{}});
  for (int i = 0; i < 500; ++i) {
    const served got = twin.get("customers/" + id_of(1));
    REQUIRE(got.answer.status == 200);
    REQUIRE(got.answer.header("x-ratelimit-limit").empty());
  }
}

TEST_CASE("twin token: the same live token comes again with what remains of its life") {
  api twin;
  twin.now_ += seconds(4732);
  const served again = twin.ask_token(api::credentials);
  CHECK(api::text_at(again.answer.body, {"access_token"}) == twin.token_);
  CHECK(api::text_at(again.answer.body, {"expires_in"}) == "2468");
  twin.now_ += seconds(2468 - 900) - nanoseconds(1);
  CHECK(twin.token() == twin.token_);
  twin.now_ += nanoseconds(1);
  const std::string fresh = twin.token();
  CHECK(fresh != twin.token_);
  CHECK(twin.get("customers").answer.status == 200);  // with the old one, which lives to its end
  twin.now_ += minutes(15);
  CHECK(api::code_of(twin.get("customers")) == "INVALID_TOKEN");
}

TEST_CASE("twin token: the 31st of a minute is refused") {
  api twin;
  for (int i = 0; i < 29; ++i) CHECK(twin.ask_token(api::credentials).answer.status == 200);
  CHECK(twin.ask_token(api::credentials).answer.status == 429);
}

TEST_CASE("twin token: a wrong client is told so, a form with Basic is accepted") {
  api twin;
  const served wrong =
      twin.ask_token(R"({"grant_type":"client_credentials","client_id":"x","client_secret":"y"})");
  CHECK(wrong.answer.status == 401);
  CHECK(wrong.answer.body.find(R"("title":"invalid_client")") != std::string::npos);
  CHECK(wrong.answer.body.find(R"("status":401)") != std::string::npos);
  // base64 of sandbox-client:sandbox-secret
  const served basic = twin.ask_token("grant_type=client_credentials",
                                      "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ=");
  CHECK(basic.answer.status == 200);
  const served form = twin.ask_token(
      "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox%2Dsecret");
  CHECK(form.answer.status == 200);
}
