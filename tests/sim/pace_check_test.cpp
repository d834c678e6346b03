// The rules of pace object: each is shown evidence that breaks it, and evidence that only looks as
// if.
#include "pace_check.hpp"

#include <doctest/doctest.h>

namespace patchbay::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A 429 that one process hears a moment after it has asked, at each of these seconds.
std::vector<heard> refused_at(const std::vector<int>& moments, int process = 1) {
  std::vector<heard> all;
  for (const int at : moments) {
    all.push_back({process, request_class::patch, seconds(at), seconds(at), 429});
  }
  return all;
}

objections paced(const std::vector<heard>& all, const births& engines = {}) {
  return check_429_pace(all, request_class::patch, engines);
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
  CHECK(paced(refused_at({1, 2, 4, 8, 16})).empty());
  CHECK(paced(refused_at({1, 2, 4, 7})).size() == 1);
  SUBCASE("what was answered in between ends the row") {
    std::vector<heard> all = refused_at({1, 2, 4, 8, 9, 11});
    all[3].status = 200;
    CHECK(paced(all).empty());
    all[3].status = 503;
    CHECK(paced(all).size() == 1);
  }
  SUBCASE("a refusal that never reached us says nothing") {
    std::vector<heard> all = refused_at({1, 2, 4, 8, 10});
    all[3].status = 0;
    CHECK(paced(all).empty());
  }
  SUBCASE("an engine that begins knows of none") {
    CHECK(paced(refused_at({1, 2, 4, 7, 8}), {{1, {seconds(0), seconds(6)}}}).empty());
    CHECK(paced(refused_at({1, 2, 4, 7}), {{2, {seconds(6)}}}).size() == 1);
  }
  SUBCASE("another process has heard of none") {
    std::vector<heard> all = refused_at({1, 2, 4});
    for (const heard& one : refused_at({5, 6, 8}, 2)) all.push_back(one);
    CHECK(paced(all).empty());
  }
}

}  // namespace patchbay::sim
