#include "patchbay/policy/accidents.hpp"

#include <doctest/doctest.h>

#include "patchbay/policy/budgets.hpp"

using namespace patchbay;

namespace {

/// A thousand rows, as they are every night.
drop_profile usual() {
  drop_profile profile{.rows = 1'000, .sampled = 1'000, .damaged = 0, .columns = {}};
  profile.columns["KUNNR"] = column_profile{0, false};
  profile.columns["EMAIL"] = column_profile{50, false};
  profile.columns["KONDA"] = column_profile{0, true};
  profile.columns["NOTE"] = std::nullopt;
  return profile;
}

struct night {
  std::optional<drop_profile> before = usual();
  drop_profile now = usual();
  bool snapshot = true;
  std::int64_t known = 1'000;
  std::int64_t seen = 990;
  accident_spec spec;

  [[nodiscard]] std::vector<budget_entry> weighed() const {
    return weigh_accidents(spec, {before, now, snapshot, known, seen});
  }
  [[nodiscard]] std::vector<std::string> found() const {
    std::vector<std::string> names;
    for (const budget_entry& one : weighed()) {
      if (one.exceeded) names.push_back(one.name);
    }
    return names;
  }
};

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("accidents: an ordinary night has none, and every detector is listed") {
  const night one;
  CHECK(one.found().empty());
  CHECK(one.weighed().size() == 7);
}

TEST_CASE("accidents: without a drop before there is nothing to compare with") {
  night one;
  one.before.reset();
  CHECK(one.weighed().empty());
}

TEST_CASE("accidents: a column that is gone and one that is new are named") {
  night one;
  one.now.columns.erase("NOTE");
  one.now.columns["REMARK"] = std::nullopt;
  CHECK(one.found() == names{"COLUMN_VANISHED", "COLUMN_APPEARED"});
  CHECK(exceeded_in_words(one.weighed()) ==
        "budget COLUMN_VANISHED: 1 is more than the allowed 0 (NOTE); "
        "budget COLUMN_APPEARED: 1 is more than the allowed 0 (REMARK)");
}

TEST_CASE("accidents: a column whose values became all the same, unless they were before") {
  night one;
  one.now.columns["EMAIL"] = column_profile{0, true};
  CHECK(one.found() == names{"VALUES_EQUAL"});
  one.now.sampled = 10;
  CHECK(one.found().empty());
}

TEST_CASE("accidents: emptiness jumps by points, and an empty column is told once") {
  night one;
  one.now.columns["EMAIL"] = column_profile{150, false};
  CHECK(one.found().empty());
  one.now.columns["EMAIL"] = column_profile{151, false};
  CHECK(one.found() == names{"EMPTINESS_JUMPED"});
  one.now.columns["EMAIL"] = column_profile{1'000, true};
  CHECK(one.found() == names{"EMPTINESS_JUMPED"});
  CHECK(one.weighed()[3].detail == "EMAIL: 100% of the cells are empty, 5% in the drop before");
}

TEST_CASE("accidents: misread rows count by how many more there are than before") {
  night one;
  one.now.damaged = 11;
  CHECK(one.found() == names{"ENCODING_TURNED"});
  one.before->damaged = 2;
  CHECK(one.found().empty());
}

TEST_CASE("accidents: the rows may fall by a tenth") {
  night one;
  one.now.rows = one.now.sampled = 900;
  CHECK(one.found().empty());
  one.now.rows = one.now.sampled = 899;
  CHECK(one.found() == names{"ROWS_FELL"});
  one.spec.rows_fell = 0.30;
  CHECK(one.found().empty());
}

TEST_CASE("accidents: ten rows less are none in a small shop") {
  night one;
  one.before->rows = one.before->sampled = 20;
  one.now.rows = one.now.sampled = 10;
  one.before->columns["EMAIL"] = one.now.columns["EMAIL"] = column_profile{0, false};
  CHECK(one.found().empty());
}

TEST_CASE("accidents: keys that are all new are other keys") {
  night one;
  one.seen = 1;
  CHECK(one.found().empty());
  one.seen = 0;
  CHECK(one.found() == names{"KEY_CHANGED"});
  one.known = 10;
  CHECK(one.found().empty());
}

TEST_CASE("accidents: a delta is few rows of any kind: only columns and encoding are compared") {
  night one;
  one.snapshot = false;
  one.now.rows = one.now.sampled = 30;
  one.now.columns["EMAIL"] = column_profile{25, true};
  one.seen = 0;
  CHECK(one.found().empty());
  one.now.columns.erase("NOTE");
  one.now.damaged = 20;
  CHECK(one.found() == names{"COLUMN_VANISHED", "ENCODING_TURNED"});
}

TEST_CASE("accidents: each detector can be turned off") {
  night one;
  one.now = drop_profile{.rows = 100, .sampled = 100, .damaged = 100, .columns = {}};
  one.now.columns["EMAIL"] = column_profile{90, true};
  one.seen = 0;
  CHECK(one.found().size() == 6);
  one.spec = {.column_vanished = false,
              .column_appeared = false,
              .values_equal = false,
              .key_changed = false,
              .emptiness_jumped = std::nullopt,
              .encoding_turned = std::nullopt,
              .rows_fell = std::nullopt};
  CHECK(one.weighed().empty());
}
