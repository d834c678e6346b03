#include <string>

#include <doctest/doctest.h>

#include "api.hpp"

using namespace patchbay;
using namespace patchbay::twin;

namespace {

const std::string change = R"("attributes":{"profile_id":"changed"})";

bool changed(const api& twin, std::uint64_t number = 5) {
  return twin.rules_.customers().by_id(id_of(number))->profile_id == string_value("changed");
}

served faulty(api& twin, const std::string& rule) {
  twin.rules_.faults().add(read_fault_rule(rule).value());
  return twin.patch(id_of(5), change);
}

}  // namespace

TEST_CASE("twin faults: a reset before applying applies nothing, one after it does") {
  api before;
  CHECK(faulty(before, "reset-before").act == served::action::reset);
  CHECK_FALSE(changed(before));
  CHECK(before.rules_.log().back().status == 0);
  api after;
  CHECK(faulty(after, "reset-after").act == served::action::reset);
  CHECK(changed(after));
  CHECK(after.rules_.log().back().applied);
  CHECK(after.rules_.log().back().status == 0);
  api middle;
  const served got = faulty(middle, "reset-mid-body");
  CHECK(got.act == served::action::reset_mid_body);
  CHECK_FALSE(got.answer.body.empty());
  CHECK(changed(middle));
}

TEST_CASE("twin faults: silence can mean applied, never applied, or applied later") {
  api applied;
  CHECK(faulty(applied, "never-answer").act == served::action::silence);
  CHECK(changed(applied));
  api lost;
  CHECK(faulty(lost, "never-arrive").act == served::action::silence);
  CHECK_FALSE(changed(lost));
  api late;
  CHECK(faulty(late, "apply-late,delay=20s,times=1").act == served::action::silence);
  const auto number = late.rules_.log().back().number;
  CHECK_FALSE(changed(late));
  late.rules_.advance(late.now_ + seconds(20) - nanoseconds(1), test_day);
  CHECK_FALSE(changed(late));
  late.rules_.advance(late.now_ + seconds(30), test_day);
  CHECK(changed(late));
  CHECK(late.rules_.log()[number - 1].applied);
  CHECK(late.rules_.log()[number - 1].applied_at == late.now_ + seconds(20));
}

TEST_CASE("twin faults: what the API refuses, it does not apply late either") {
  api twin;
  twin.rules_.faults().add(*read_fault_rule("refuse-value,field=profile_id,value=changed"));
  CHECK(faulty(twin, "apply-late,delay=20s,times=1").act == served::action::silence);
  twin.rules_.advance(twin.now_ + seconds(30), test_day);
  CHECK_FALSE(changed(twin));
}

TEST_CASE("twin faults: 5xx are HTML or empty, and may have been applied") {
  api html;
  const served page = faulty(html, "html-500");
  CHECK(page.answer.status == 500);
  CHECK(page.answer.header("content-type") == "text/html; charset=utf-8");
  CHECK_FALSE(changed(html));
  api applied;
  CHECK(faulty(applied, "empty-503,applied=yes").answer.status == 503);
  CHECK(changed(applied));
  CHECK(applied.rules_.log().back().applied);
  CHECK(applied.rules_.log().back().status == 503);
}

TEST_CASE("twin faults: the other answers of the table") {
  const std::pair<const char*, int> table[] = {
      {"empty-502", 502},     {"timeout-408", 408},   {"conflict-409", 409}, {"locked-423", 423},
      {"throttled-429", 429}, {"forbidden-403", 403}, {"redirect-302", 302}, {"denied-401", 401}};
  for (const auto& [rule, status] : table) {
    api twin;
    CHECK(faulty(twin, rule).answer.status == status);
    CHECK_FALSE(changed(twin));
  }
}

TEST_CASE("twin faults: a revoked token is invalid, and the endpoint gives another") {
  api twin;
  CHECK(api::code_of(faulty(twin, "revoke-token,times=1")) == "INVALID_TOKEN");
  const std::string fresh = twin.token();
  CHECK(fresh != twin.token_);
  twin.token_ = fresh;
  CHECK(twin.patch(id_of(5), change).answer.status == 200);
}

TEST_CASE("twin faults: a 200 that left a field as it was says so in its echo") {
  api twin;
  twin.rules_.faults().add(*read_fault_rule("not-applied,field=metadata.credit_limit"));
  const served got = twin.patch(
      id_of(5), R"("attributes":{"profile_id":"changed","metadata":{"credit_limit":1,"x":2}})");
  CHECK(got.answer.status == 200);
  CHECK(changed(twin));
  CHECK(api::text_at(got.answer.body, {"data", "attributes", "metadata", "x"}) == "2");
  CHECK(api::text_at(got.answer.body, {"data", "attributes", "metadata", "credit_limit"}) ==
        "16250");
}

TEST_CASE("twin faults: an e-mail can come back in lower case, rate headers can be missing") {
  api twin;
  twin.rules_.faults().add(*read_fault_rule("lower-case-email"));
  twin.rules_.faults().add(*read_fault_rule("no-rate-headers"));
  const served got = twin.patch(id_of(5), R"("attributes":{"email":"Mixed@Example.COM"})");
  CHECK(api::text_at(got.answer.body, {"data", "attributes", "email"}) == "mixed@example.com");
  CHECK(got.answer.header("x-ratelimit-remaining").empty());
}

TEST_CASE("twin faults: a list of rules for one time each is a script") {
  api twin;
  for (const char* rule : {"empty-502,times=1", "locked-423,times=1,after=1"}) {
    twin.rules_.faults().add(*read_fault_rule(rule));
  }
  CHECK(twin.patch(id_of(5), change).answer.status == 502);
  CHECK(twin.patch(id_of(5), change).answer.status == 200);
  CHECK(twin.patch(id_of(5), change).answer.status == 423);
  CHECK(twin.patch(id_of(5), change).answer.status == 200);
}

TEST_CASE("twin faults: a rule can be for a customer, a method, the token endpoint") {
  api twin;
  twin.rules_.faults().add(*read_fault_rule("empty-502,customer=C-000006"));
  twin.rules_.faults().add(*read_fault_rule("empty-503,method=TOKEN"));
  twin.rules_.faults().add(*read_fault_rule("timeout-408,method=GET"));
  CHECK(twin.patch(id_of(5), change).answer.status == 200);
  CHECK(twin.patch(id_of(6), change).answer.status == 502);
  CHECK(twin.ask_token(api::credentials).answer.status == 503);
  CHECK(twin.get("customers").answer.status == 408);
}

TEST_CASE("twin faults: the same seed meets the same requests") {
  std::string first, second;
  for (std::string* met : {&first, &second}) {
    api twin({.limits = window_limits{}, .seed = 42});
    twin.rules_.faults().add(*read_fault_rule("reset-after,probability=0.3"));
    for (int i = 0; i < 200; ++i) {
      *met += twin.patch(id_of(5), change).act == served::action::reset ? 'x' : '.';
    }
  }
  CHECK(first == second);
  const auto resets = std::count(first.begin(), first.end(), 'x');
  CHECK(resets > 30);
  CHECK(resets < 90);
}

TEST_CASE("twin faults: a rule that says nothing sensible is refused with the reason") {
  for (const char* text : {"", "explode", "slow,delay=fast", "slow,probability=2",
                           "slow,colour=red", "slow,method=PUT", "html-500,applied=maybe"}) {
    const auto read = read_fault_rule(text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == "TWIN_FAULT_INVALID");
    CHECK(read.error().message.find(text) != std::string::npos);
  }
  CHECK(read_duration("1.5s").value() == milliseconds(1500));
  CHECK_FALSE(read_duration("15").has_value());
}
