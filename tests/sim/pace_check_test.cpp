// The rules of pace object: each is shown evidence that breaks it, and evidence that only looks as
// if.
#include "pace_check.hpp"

#include <doctest/doctest.h>

namespace patchbay::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

request_log answers(const std::vector<std::pair<instant, int>>& all) {
  request_log log;
  for (const auto& [at, status] : all) {
    twin::logged_request one;
    one.kind = request_class::patch;
    one.arrival = at;
    one.status = status;
    log.push_back(one);
  }
  return log;
}

objections paced(const std::vector<std::pair<instant, int>>& all,
                 const std::vector<instant>& passes = {}) {
  return check_429_pace(answers(all), request_class::patch, passes);
}

}  // namespace

TEST_CASE("checker: more requests, or more commits, than could be of use are objected to") {
  CHECK(check_no_hot_loop(2, 2, "requests").empty());
  CHECK(check_no_hot_loop(2, 1, "requests").size() == 1);
}

TEST_CASE("checker: who goes on asking in an outage is objected to, a slow probe is not") {
  outage down;
  down.from = minutes(1);
  down.until = minutes(61);
  down.only = request_class::get;
  api_spec api;
  std::vector<tried> every_second;
  std::vector<tried> slowly;
  for (int i = 0; i < 3'600; ++i) every_second.push_back({minutes(1) + seconds(i)});
  for (int i = 0; i < 30; ++i) slowly.push_back({minutes(1 + 2 * i)});
  const request_class gets = request_class::get;
  CHECK(check_patience(every_second, gets, down, {}, api).size() == 1);
  CHECK(check_patience(slowly, gets, down, {}, api).empty());
  for (tried& one : every_second) one.kind = request_class::patch;
  CHECK(check_patience(every_second, gets, down, {}, api).empty());
}

TEST_CASE("checker: 429s in a row whose pauses do not grow are objected to") {
  const auto at = [](int s, int status = 429) {
    return std::pair<instant, int>(seconds(s), status);
  };
  CHECK(paced({at(1), at(2), at(4), at(8), at(16)}).empty());
  CHECK(paced({at(1), at(2), at(4), at(6), at(8), at(10)}).size() == 1);
  CHECK(paced({at(1), at(3), at(5), at(6, 200), at(8), at(10)}).empty());
  CHECK(paced({at(1), at(3), at(5), at(8), at(10), at(12)}, {seconds(9)}).empty());
}

}  // namespace patchbay::sim
