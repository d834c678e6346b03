// A checker that never objects proves nothing: here each rule is shown evidence that breaks it,
// and evidence that only looks as if.
#include "evidence.hpp"

#include <doctest/doctest.h>

#include "patchbay/twin/seed.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

request_log patches_at(const std::vector<instant>& moments) {
  request_log log;
  for (const instant at : moments) {
    twin::logged_request one;
    one.kind = request_class::patch;
    one.arrival = at;
    log.push_back(one);
  }
  return log;
}

event sent(field_values fields, instant at = seconds(1), std::string foreign = no_metadata) {
  return {happening::sent, at, "C-1", std::move(fields), std::move(foreign)};
}
event told(happening what, field_values fields = {}) {
  return {what, seconds(1), "C-1", std::move(fields), {}};
}
event foreign(std::string text, instant at) {
  return {happening::foreign, at, "C-1", {}, std::move(text)};
}

const field_values one{{"email", {"1"}}};
const field_values other{{"email", {"2"}}};

}  // namespace

TEST_CASE("checker: the third request within a window of two is objected to") {
  const window_limits limits{{2, seconds(10)}};
  const auto close = patches_at({seconds(0), seconds(4), seconds(10) - milliseconds(1)});
  CHECK(check_windows(close, request_class::patch, limits).size() == 1);
  CHECK(check_windows(close, request_class::get, limits).empty());
  const auto apart = patches_at({seconds(0), seconds(4), seconds(10)});
  CHECK(check_windows(apart, request_class::patch, limits).empty());
}

TEST_CASE("checker: a 429 that the API was not told to give is objected to") {
  request_log log = patches_at({seconds(0), seconds(1)});
  CHECK(check_no_429(log).empty());
  log.back().status = 429;
  CHECK(check_no_429(log).size() == 1);
  log.back().fault = "throttled-429";
  CHECK(check_no_429(log).empty());
}

TEST_CASE("checker: two PATCHes of one customer in flight are objected to") {
  CHECK(check_one_in_flight({sent(one), sent(one)}).size() == 1);
  CHECK(check_one_in_flight({sent(one), told(happening::ended), sent(one)}).empty());
  CHECK(check_one_in_flight({sent(one), told(happening::killed), sent(one)}).empty());
}

TEST_CASE("checker: a confirmed value that is sent again is objected to") {
  const event confirmed = told(happening::confirmed, one);
  CHECK(check_nothing_repeated({sent(one), confirmed, sent(one)}).size() == 1);
  CHECK(check_nothing_repeated({sent(one), confirmed, sent(other)}).empty());
}

TEST_CASE("checker: a value that was leased before a kill may be sent again") {
  const event leased = told(happening::leased, one);
  const event killed = told(happening::killed);
  const event confirmed = told(happening::confirmed, one);
  CHECK(check_nothing_repeated({leased, killed, sent(one), confirmed, sent(one)}).empty());
  const event back = told(happening::settled);
  CHECK(check_nothing_repeated({leased, back, killed, sent(one), confirmed, sent(one)}).size() ==
        1);
}

TEST_CASE("checker: a value that was not confirmed durably may be sent again") {
  const event confirmed = told(happening::confirmed, one);
  CHECK(check_nothing_repeated({sent(one), told(happening::killed), sent(one)}).empty());
  const event silence = told(happening::unanswered);
  CHECK(check_nothing_repeated({sent(one), confirmed, sent(other), silence, sent(one)}).empty());
  const event proof = told(happening::proved);
  CHECK(
      check_nothing_repeated({sent(one), silence, sent(one), confirmed, proof, sent(one)}).size() ==
      1);
}

TEST_CASE("checker: a customer that is sent while it is settled is objected to") {
  const event rests = told(happening::rests);
  CHECK(check_settled_rests({sent(one), rests, sent(other)}).size() == 1);
  CHECK(check_settled_rests({sent(one), rests, told(happening::killed), sent(one)}).size() == 1);
  CHECK(check_settled_rests({sent(one), rests, told(happening::raised), sent(other)}).empty());
  CHECK(check_settled_rests({sent(one), sent(one), rests}).empty());
}

TEST_CASE("checker: an acknowledged value that the API does not hold is objected to") {
  const twin::roster customers = twin::generated_roster(1);
  const twin::customer& there = *customers.all().front();
  customer_levels known;
  known.id = there.id;
  known.acknowledged = {{"email", there.email}};
  CHECK(check_acknowledged(customers, {known}).empty());
  known.acknowledged = {{"email", string_value("other@x.it")}};
  CHECK(check_acknowledged(customers, {known}).size() == 1);
  known.wanted.emplace();
  CHECK(check_acknowledged(customers, {known}).empty());
}

TEST_CASE("checker: metadata is judged as the whole that it is sent as") {
  const field_values both{{"metadata.a", {"1"}}, {"metadata.b", {"1"}}};
  const field_values half{{"metadata.a", {"1"}}, {"metadata.b", {"2"}}};
  const event confirmed = told(happening::confirmed, both);
  CHECK(check_nothing_repeated({sent(both), confirmed, sent(half)}).empty());
  CHECK(check_nothing_repeated({sent(both), confirmed, sent(both)}).size() == 2);
}

TEST_CASE("checker: foreign metadata that is lost or too old is objected to") {
  const journal before{foreign("a", seconds(1)), foreign("b", seconds(10))};
  const auto with = [&before](event last) {
    journal all = before;
    all.push_back(std::move(last));
    return check_foreign_metadata(all, seconds(2));
  };
  CHECK(with(sent(one, seconds(20), "b")).empty());
  CHECK(with(sent(one, seconds(11), "a")).empty());
  CHECK(with(sent(one, seconds(20), no_metadata)).empty());
  CHECK(with(sent(one, seconds(20), "a")).size() == 1);
  CHECK(with(sent(one, seconds(11), foreign_lost)).size() == 1);
}

TEST_CASE("checker: a value of a held drop that was sent is objected to") {
  request_log log = patches_at({seconds(1)});
  log.front().body = R"({"tax":"HELD-1"})";
  CHECK(check_never_sent(log, {"HELD-1"}).size() == 1);
  CHECK(check_never_sent(log, {"HELD-2"}).empty());
}

TEST_CASE("checker: totals that do not balance, or miss rows, are objected to") {
  drop_record drop;
  drop.state = drop_state::admitted;
  drop.totals.read = 3;
  drop.totals.applied = 2;
  drop.totals.unchanged = 1;
  CHECK(check_totals(drop, 3).empty());
  CHECK(check_totals(drop, 4).size() == 1);
  drop.totals.pending = 1;
  CHECK(check_totals(drop, 3).size() == 1);
  drop.totals.applied = 3;
  drop.totals.pending = -1;
  CHECK(check_totals(drop, 3).size() == 1);
}

}  // namespace patchbay::sim
