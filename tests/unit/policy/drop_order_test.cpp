#include "patchbay/policy/drop_order.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace patchbay;

namespace {

drop_record delta(drop_number number, const std::string& file, drop_state state) {
  drop_record made;
  made.number = number;
  made.file = file;
  made.mode = drop_mode::delta;
  made.state = state;
  return made;
}

drop_record numbered(drop_number number, std::int64_t sequence, drop_state state) {
  drop_record made = delta(number, "d.csv", state);
  made.sequence = sequence;
  return made;
}

constexpr auto working = drop_state::working;
constexpr auto admitted = drop_state::admitted;

}  // namespace

TEST_CASE("drop order: numbers in names count as numbers, packing and leading zeros not at all") {
  const auto before = [](const char* one, const char* other) {
    return comes_before(delta(1, one, working), delta(2, other, working));
  };
  CHECK(before("c_9.csv", "c_10.csv"));
  CHECK_FALSE(before("c_10.csv", "c_9.csv"));
  CHECK(before("c_20261122.csv.gz", "c_20261123.csv"));
  CHECK_FALSE(before("c_007.csv", "c_7.csv.zst"));
  CHECK_FALSE(before("c_7.csv.zst", "c_007.csv"));
  CHECK(before("c_1.csv", "c_99999999999999999999999.csv"));
  CHECK(before("a.csv", "b.csv"));
}

TEST_CASE("drop order: the markers' sequence goes before their time, and both before names") {
  drop_record one = numbered(1, 2, working);
  drop_record other = numbered(2, 1, working);
  one.as_of = wall_time{};
  other.as_of = wall_time{milliseconds(5)};
  CHECK(comes_before(other, one));
  other.sequence.reset();
  CHECK(comes_before(one, other));
}

TEST_CASE("drop order: a delta older than an admitted one is held; the same name again is not") {
  const std::vector known{delta(1, "d_5.csv", admitted)};
  CHECK(judge_order(delta(2, "d_4.csv", working), known).standing == drop_standing::older);
  CHECK(judge_order(delta(2, "d_5.csv", working), known).standing == drop_standing::in_order);
  CHECK(judge_order(delta(2, "d_6.csv", working), known).standing == drop_standing::in_order);
  CHECK(order_in_words(judge_order(delta(2, "d_4.csv", working), known)).starts_with("DROP_OLDER"));
}

TEST_CASE("drop order: a jump of the sequence is a gap, and is none once it is closed") {
  std::vector known{numbered(1, 5, admitted)};
  const order_verdict gap = judge_order(numbered(3, 7, working), known);
  CHECK(gap.standing == drop_standing::gap);
  CHECK(gap.expected == 6);
  known.push_back(numbered(2, 6, admitted));
  CHECK(judge_order(numbered(3, 7, working), known).standing == drop_standing::in_order);
  CHECK(judge_order(numbered(1, 7, working), {}).standing == drop_standing::in_order);
}

TEST_CASE("drop order: a held, failed or unread delta holds the later ones back, others do not") {
  for (const drop_state state :
       {drop_state::held, drop_state::failed, drop_state::working, drop_state::approved}) {
    const std::vector known{delta(1, "d_1.csv", admitted), delta(2, "d_2.csv", state)};
    CHECK(judge_order(delta(3, "d_3.csv", working), known).standing == drop_standing::behind);
  }
  for (const drop_state state : {drop_state::discarded, drop_state::superseded, admitted}) {
    const std::vector known{delta(1, "d_1.csv", admitted), delta(2, "d_2.csv", state)};
    CHECK(judge_order(delta(3, "d_3.csv", working), known).standing == drop_standing::in_order);
  }
}

TEST_CASE("drop order: a failed delta that came again corrected is in nobody's way") {
  const std::vector known{delta(1, "d_2.csv", drop_state::failed), delta(2, "d_2.csv", admitted)};
  CHECK(judge_order(delta(3, "d_3.csv", working), known).standing == drop_standing::in_order);
}

TEST_CASE("drop order: corrections have no order; snapshots only what their markers say") {
  const std::vector known{delta(1, "d_5.csv", admitted)};
  drop_record correction = delta(2, "d_4.csv.rejected.csv", working);
  correction.origin = drop_origin::correction;
  CHECK(judge_order(correction, known).standing == drop_standing::in_order);

  drop_record newest = numbered(1, 8, admitted);
  newest.mode = drop_mode::snapshot;
  drop_record late = numbered(2, 7, working);
  late.mode = drop_mode::snapshot;
  CHECK(judge_order(late, std::vector{newest}).standing == drop_standing::older);
  late.sequence.reset();
  late.file = "a.csv";
  CHECK(judge_order(late, std::vector{newest}).standing == drop_standing::in_order);
}
