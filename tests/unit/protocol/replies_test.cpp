#include "patchbay/protocol/replies.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace patchbay;

namespace {

reply answer(int status, std::string body) {
  reply made;
  made.status = status;
  made.body = std::move(body);
  made.headers["x-request-id"] = "rid-1";
  return made;
}

std::vector<field_spec> specs() {
  field_spec email;
  email.name = "email";
  field_spec limit;
  limit.name = "metadata.credit_limit";
  limit.kind = field_kind::metadata;
  limit.path = {"credit_limit"};
  field_spec group;
  group.name = "customer_group";
  group.kind = field_kind::customer_group;
  group.lookup_code = true;
  return {email, limit, group};
}

}  // namespace

TEST_CASE("verdict: the table of the API's errors") {
  const auto fields = specs();
  const auto kind = [&](int status, const std::string& body) {
    return read_verdict(answer(status, body), fields).kind;
  };
  const std::string invalid = R"({"errors":[{"code":"INVALID_TOKEN","status":"401"}]})";
  CHECK(kind(200, R"({"data":{"id":"a","type":"customers"}})") == verdict_kind::confirmed);
  CHECK(kind(200, "<html>") == verdict_kind::unanswered);
  CHECK(kind(400, "{}") == verdict_kind::refused);
  CHECK(kind(401, invalid) == verdict_kind::stale_token);
  CHECK(kind(401, R"({"errors":[{"code":"UNAUTHORIZED"}]})") == verdict_kind::forbidden);
  CHECK(kind(403, "") == verdict_kind::forbidden);
  CHECK(kind(404, R"({"errors":[{"code":"RECORD_NOT_FOUND"}]})") == verdict_kind::gone);
  CHECK(kind(404, "<html>no such page</html>") == verdict_kind::misused);
  CHECK(kind(406, "") == verdict_kind::misused);
  CHECK(kind(408, "") == verdict_kind::unanswered);
  CHECK(kind(409, "") == verdict_kind::conflict);
  CHECK(kind(422, "") == verdict_kind::refused);
  CHECK(kind(423, "") == verdict_kind::locked);
  CHECK(kind(302, "") == verdict_kind::misused);
  CHECK(kind(500, "<h1>oops</h1>") == verdict_kind::unanswered);
  CHECK(kind(503, "") == verdict_kind::unanswered);
}

TEST_CASE("verdict: the 429 as it really is") {
  reply throttled =
      answer(429, R"({"errors":{"title":"Too Many Requests","code":"THROTTLED","status":429}})");
  throttled.headers["retry-after"] = "0";
  throttled.headers["x-ratelimit-remaining"] = "0";
  const verdict made = read_verdict(throttled, {});
  CHECK(made.kind == verdict_kind::throttled);
  CHECK(made.retry_after == nanoseconds(0));
  CHECK(made.remaining == 0);
}

TEST_CASE("verdict: several refusals point to their fields, without values") {
  const verdict made = read_verdict(
      answer(422, R"({"errors":[{"title":"has already been taken","detail":)"
                  R"("email - has already been taken","code":"VALIDATION_ERROR","source":)"
                  R"({"pointer":"/data/attributes/email"},"status":"422",)"
                  R"("meta":{"error":"taken","value":"a@x.it"}},)"
                  R"({"detail":"bad","code":"VALIDATION_ERROR","source":)"
                  R"({"pointer":"/data/attributes/metadata"}}]})"),
      specs());
  REQUIRE(made.refusals.size() == 2);
  CHECK(made.refusals[0].field == "email");
  CHECK(made.refusals[0].reason == "taken");
  CHECK(made.refusals[0].message == "email - has already been taken");
  CHECK(made.refusals[1].field == "metadata.credit_limit");
  CHECK(made.request_id == "rid-1");
}

TEST_CASE("verdict: a detail that may quote a sensitive value is cut") {
  auto fields = specs();
  fields[0].sensitive = true;
  const verdict made = read_verdict(
      answer(422, R"({"errors":[{"title":"is invalid","detail":"a@x.it is invalid","code":)"
                  R"("VALIDATION_ERROR","source":{"pointer":"/data/attributes/email"}}]})"),
      fields);
  CHECK(made.refusals[0].message == "is invalid");
}

TEST_CASE("replies: a customer becomes canonical values of our fields") {
  const std::string body =
      R"({"data":{"id":"xYZkjABcde","type":"customers","attributes":{"email":"a@x.it",)"
      R"("reference":"C-1","metadata":{"loyalty":{"p":1e2},"credit_limit":1200.50}},)"
      R"("relationships":{"customer_group":{"data":{"type":"customer_groups","id":"g"}}}},)"
      R"("included":[{"type":"customer_groups","id":"g","attributes":{"code":"GOLD"}}]})";
  const remote_customer made = read_patch_answer(answer(200, body), specs()).echo.value();
  CHECK(made.id == "xYZkjABcde");
  CHECK(made.reference == "C-1");
  CHECK(made.fields.at("email").json == "\"a@x.it\"");
  CHECK(made.fields.at("metadata.credit_limit").json == "1200.50");
  CHECK(made.fields.at("customer_group").json == "\"GOLD\"");
  CHECK(made.metadata == R"({"loyalty":{"p":1e2},"credit_limit":1200.50})");
}

TEST_CASE("replies: what the answer does not show is unknown, which is not null") {
  const std::string body = R"({"data":{"id":"x","attributes":{"metadata":null},)"
                           R"("relationships":{"customer_group":{"links":{}}}}})";
  const remote_customer made = read_patch_answer(answer(200, body), specs()).echo.value();
  CHECK_FALSE(made.fields.contains("email"));
  CHECK(is_null(made.fields.at("metadata.credit_limit")));
  CHECK_FALSE(made.fields.contains("customer_group"));
  CHECK(made.metadata == "{}");
  const remote_customer bare =
      read_patch_answer(answer(200, R"({"data":{"id":"x","attributes":{}}})"), specs())
          .echo.value();
  CHECK_FALSE(bare.fields.contains("metadata.credit_limit"));
  CHECK(bare.metadata.empty());
}

TEST_CASE("token: the payload chooses the limits, a refusal says what to check") {
  // {"test":false} and {"test":true} between two dots
  CHECK_FALSE(
      read_token(answer(200, R"({"access_token":"h.eyJ0ZXN0IjpmYWxzZX0.s","expires_in":10})"))
          .value()
          .test_mode);
  const access_token test =
      read_token(answer(200, R"({"access_token":"h.eyJ0ZXN0Ijp0cnVlfQ.s","expires_in":2468})"))
          .value();
  CHECK(test.test_mode);
  CHECK(test.expires_in_s == 2468);
  CHECK(read_token(answer(401, "{}")).error().code == "TOKEN_REFUSED");
  CHECK(read_token(answer(503, "")).error().code == "TOKEN_UNREADABLE");
}
