#include "patchbay/twin/rules.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "api.hpp"

using namespace patchbay;
using namespace patchbay::twin;

TEST_CASE("twin: a PATCH changes what it names and answers with the whole customer") {
  api twin;
  const std::string id = id_of(7);
  const customer before = *twin.rules_.customers().by_id(id);
  const served got = twin.patch(id, R"("attributes":{"email":"new@example.com"})");
  CHECK(got.act == served::action::answer);
  CHECK(got.answer.status == 200);
  CHECK(got.answer.header("content-type") == "application/vnd.api+json");
  CHECK(api::text_at(got.answer.body, {"data", "attributes", "email"}) == "new@example.com");
  CHECK(api::text_at(got.answer.body, {"data", "attributes", "reference"}) == "C-000007");
  CHECK(api::text_at(got.answer.body, {"data", "meta", "mode"}) == "live");
  const customer& after = *twin.rules_.customers().by_id(id);
  CHECK(after.metadata == before.metadata);
  CHECK(after.updated_at > before.updated_at);
  CHECK(twin.rules_.log().back().applied);
  CHECK(twin.rules_.log().back().customer_id == id);
}

TEST_CASE("twin: metadata is replaced as a whole, not merged") {
  api twin;
  const std::string id = id_of(7);
  const served got = twin.patch(id, R"("attributes":{"metadata":{"b":1.50,"a":{"x":[1,2]}}})");
  CHECK(got.answer.status == 200);
  CHECK(twin.rules_.customers().by_id(id)->metadata.json == R"({"a":{"x":[1,2]},"b":1.50})");
}

TEST_CASE("twin: null clears, but not the e-mail") {
  api twin;
  const std::string id = id_of(7);
  CHECK(twin.patch(id, R"("attributes":{"reference":null})").answer.status == 200);
  CHECK(is_null(twin.rules_.customers().by_id(id)->reference));
  CHECK(twin.rules_.customers().by_reference("C-000007").empty());
  const served refused = twin.patch(id, R"("attributes":{"email":null})");
  CHECK(refused.answer.status == 422);
  CHECK(api::code_of(refused) == "VALIDATION_ERROR");
}

TEST_CASE("twin: null takes a customer out of its group, an id puts it into one") {
  api twin;
  const std::string id = id_of(5);
  const std::string silver = twin.rules_.customers().group_by_code("SILVER")->id;
  const served in =
      twin.patch(id,
                 R"("relationships":{"customer_group":{"data":{"type":"customer_groups","id":")" +
                     silver + R"("}}})",
                 "?include=customer_group");
  CHECK(in.answer.status == 200);
  CHECK(twin.rules_.customers().by_id(id)->group_id == silver);
  CHECK(api::text_at(in.answer.body, {"data", "relationships", "customer_group", "data", "id"}) ==
        silver);
  CHECK(twin.patch(id, R"("relationships":{"customer_group":{"data":null}})").answer.status == 200);
  CHECK(twin.rules_.customers().by_id(id)->group_id.empty());
  const served unknown = twin.patch(
      id, R"("relationships":{"customer_group":{"data":{"type":"customer_groups","id":"x"}}})");
  CHECK(unknown.answer.status == 422);
}

TEST_CASE("twin: unknown tag names are dropped silently, more than ten tags are refused") {
  api twin;
  const std::string id = id_of(5);
  CHECK(twin.patch(id, R"("attributes":{"_add_tags":"vip,nobody,b2b"})").answer.status == 200);
  CHECK(twin.rules_.customers().by_id(id)->tag_ids.size() == 2);
  CHECK(twin.patch(id, R"("attributes":{"_remove_tags":"vip"})").answer.status == 200);
  CHECK(twin.rules_.customers().by_id(id)->tag_ids.size() == 1);
  std::string names;
  for (int i = 0; i < 11; ++i) {
    names += twin.rules_.customers().add_tag("t" + std::to_string(i)).name + ',';
  }
  const served got = twin.patch(id, R"("attributes":{"_add_tags":")" + names + R"("})");
  CHECK(got.answer.status == 422);
}

TEST_CASE("twin: a taken, a malformed and a refused value are told together, with pointers") {
  api twin;
  const std::string id = id_of(5);
  const std::string other = plain_text(twin.rules_.customers().by_id(id_of(6))->email);
  const served taken = twin.patch(id, R"("attributes":{"email":")" + other + R"("})");
  CHECK(taken.answer.status == 422);
  CHECK(taken.answer.body.find(R"("detail":"email - has already been taken")") !=
        std::string::npos);
  CHECK(taken.answer.body.find(R"("pointer":"/data/attributes/email")") != std::string::npos);
  CHECK(taken.answer.body.find(R"("error":"taken")") != std::string::npos);
  twin.rules_.faults().add(*read_fault_rule("refuse-value,field=metadata.limit,value=7"));
  const served both = twin.patch(id, R"("attributes":{"email":"nobody","metadata":{"limit":7}})");
  CHECK(both.answer.status == 422);
  CHECK(elements_of(metadata_at(both.answer.body, {"errors"})->json).size() == 2);
  CHECK_FALSE(twin.rules_.log().back().applied);
}

TEST_CASE("twin: the checks come in the API's order") {
  api twin({.limits = window_limits{{6, seconds(60)}}});
  const std::string id = id_of(5);
  request bad{.kind = request_class::patch,
              .method = "PATCH",
              .target = "/api/customers/NoSuchOnes",
              .accept = "text/html",
              .content_type = "text/plain",
              .body = "{",
              .authorization = "Bearer nonsense"};
  CHECK(api::code_of(twin.send(bad)) == "INVALID_TOKEN");
  bad.authorization.clear();
  CHECK(twin.send(bad).answer.status == 406);
  bad.accept = "application/vnd.api+json";
  CHECK(twin.send(bad).answer.status == 415);
  bad.content_type = "application/vnd.api+json";
  CHECK(twin.send(bad).answer.status == 400);
  bad.body = R"({"data":{"type":"customers","id":"NoSuchOnes","attributes":{"email":null}}})";
  CHECK(api::code_of(twin.send(bad)) == "RECORD_NOT_FOUND");
  CHECK(twin.patch(id, R"("attributes":{"email":null})").answer.status == 422);
  bad.authorization = "Bearer nonsense";
  CHECK(twin.send(bad).answer.status == 429);
}

TEST_CASE("twin: an id that is not the URL's is refused") {
  api twin;
  request what{.kind = request_class::patch,
               .method = "PATCH",
               .target = "/api/customers/" + id_of(5),
               .accept = "application/vnd.api+json",
               .content_type = "application/vnd.api+json",
               .body = R"({"data":{"type":"customers","id":")" + id_of(6) + R"("}})",
               .authorization = {}};
  CHECK(api::code_of(twin.send(what)) == "KEY_NOT_INCLUDED_IN_URL");
}

TEST_CASE("twin: every answer has its own trace id, request id and ETag") {
  api twin;
  std::set<std::string> traces, requests, tags;
  for (int i = 0; i < 5; ++i) {
    const served got = twin.get("customers/" + id_of(1));
    traces.insert(api::text_at(got.answer.body, {"data", "meta", "trace_id"}));
    requests.insert(got.answer.header("x-request-id"));
    tags.insert(got.answer.header("etag"));
  }
  CHECK(traces.size() == 5);
  CHECK(requests.size() == 5);
  CHECK(tags.size() == 5);
}

TEST_CASE("twin: the log holds neither passwords nor tokens nor secrets") {
  api twin;
  CHECK(twin.patch(id_of(5), R"("attributes":{"password":"open sesame"})").answer.status == 200);
  CHECK(twin.rules_.customers().by_id(id_of(5))->password == "open sesame");
  for (const logged_request& entry : twin.rules_.log()) {
    const std::string line = log_line(entry);
    CHECK(line.find("open sesame") == std::string::npos);
    CHECK(line.find("sandbox-secret") == std::string::npos);
    CHECK(line.find(twin.token_) == std::string::npos);
  }
}
