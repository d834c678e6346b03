#include "patchbay/adapter/report/run_json.hpp"

#include <doctest/doctest.h>

#include "report_bench.hpp"

using namespace patchbay;
using namespace patchbay::report_test;

TEST_CASE("run JSON: members, their order and their form are those that scripts rely on") {
  CHECK(
      run_json(sample_run()) ==
      R"({"schema_version":1,"run":"20261123T021500Z-erp-customers","job":"erp-customers","dry_run":false,)"
      R"("outcome":"partial","as_of":"2026-11-23T02:15:04Z",)"
      R"("drop":{"file":"customers_20261123.csv","digest":"0a1b","bytes":1657,"rows":10},)"
      R"("totals":{"read":10,"unchanged":6,"applied":2,"rejected":1,"superseded":1,"held":0,"pending":0},)"
      R"("carried":{"in":0,"applied":0,"rejected":0,"superseded":0,"pending":0},)"
      R"("planned":{"changed":3,"new":0,"unresolved":0,"absent":0,"invalid":0,"waived":0,"fields":{"email":1,"metadata.credit_limit":2}},)"
      R"("requests":{"patch":3,"get":1,"token":1,"retried":0,"throttled":0},)"
      R"("estimate":{"requests":3,"seconds":1.0,"finishes_at":"2026-11-23T02:15:05Z","meets_deadline":true},)"
      R"("budgets":[{"name":"changes","limit":"20%","value":"0.03%","exceeded":false}],)"
      R"("rejects":[{"key":"C-7","file":"customers_20261123.csv","line":8,"column":"EMAIL","field":"email","code":"VALIDATION_ERROR","message":"email - has already been taken","request_id":"req-1"}],)"
      R"("changes":[{"key":"C-3","id":"xYZkjABcde","line":4,"fields":{"email":{"from":"a@x.it","to":"b@x.it"}}}],)"
      R"("started_at":"2026-11-23T02:15:00Z","finished_at":"2026-11-23T02:15:04Z"})"
      "\n");
}

TEST_CASE("run JSON: what is unknown is null, and an unknown value is absent") {
  run_report report = sample_run();
  report.drop.reset();
  report.finished_at = {};
  report.rejects[0].key.clear();
  report.rejects[0].request_id.clear();
  report.changes[0].fields["email"].first.reset();
  report.estimate.seconds = std::numeric_limits<double>::infinity();
  const std::string json = run_json(report);
  CHECK(contains(json, R"("drop":null,)"));
  CHECK(contains(json, R"("finished_at":null})"));
  CHECK(contains(json, R"({"key":null,)"));
  CHECK(contains(json, R"("request_id":null})"));
  CHECK(contains(json, R"({"email":{"to":"b@x.it"}})"));
  CHECK(contains(json, R"("seconds":null,)"));
  CHECK_FALSE(contains(json, "truncated"));
}

TEST_CASE("run JSON: a failed, cut or stopped run says so") {
  run_report report = sample_run();
  report.outcome = run_outcome::failed;
  report.error = fault("COLUMN_MISSING", "the column EMAIL is missing");
  report.truncated = true;
  report.reason = "because";
  const std::string json = run_json(report);
  CHECK(contains(json, R"("outcome":"failed")"));
  CHECK(contains(json, R"("truncated":true,"reason":"because","error":{"code":"COLUMN_MISSING",)"));
}

TEST_CASE("run JSON: digits of numbers are those of the source, and text is escaped") {
  run_report report = sample_run();
  report.changes[0].key = "a\"b\n\x1b";
  report.changes[0].fields["metadata.limit"] = {value{"1.50"}, value{"12345678901234567890.10"}};
  const std::string json = run_json(report);
  CHECK(contains(json, R"({"from":1.50,"to":12345678901234567890.10})"));
  CHECK(contains(json, R"("key":"a\"b\n\u001B")"));
}

TEST_CASE("run JSON: a stored run is read again as it was") {
  run_report report = sample_run();
  report.changes[0].fields["metadata.o"] = {value{R"({"a":[1,"x,]"],"b":null})"}, null_value()};
  report.changes[0].fields["reference"].second = string_value("R,1}\"");
  report.reason = "over budget";
  report.outcome = run_outcome::held;
  report.carried = {4, 1, 1, 1, 1};
  report.truncated = true;
  const std::string json = run_json(report);
  const auto again = parse_runs(json + "\n" + json);
  REQUIRE(again.has_value());
  REQUIRE(again->size() == 2);
  CHECK(run_json(again->at(0)) == json);
  CHECK(run_json(again->at(1)) == json);

  run_report bare;
  bare.outcome = run_outcome::failed;
  bare.error = fault("X", "y");
  const auto bare_again = parse_runs(run_json(bare)).value();
  CHECK(run_json(bare_again.at(0)) == run_json(bare));
}

TEST_CASE("run JSON: what is not a run is refused") {
  CHECK(parse_runs("nonsense").has_error());
  CHECK(parse_runs("{}").has_error());
  CHECK(parse_runs(R"({"schema_version":2})").error().code == "RUN_UNREADABLE");
  CHECK(parse_runs("").value().empty());
}
