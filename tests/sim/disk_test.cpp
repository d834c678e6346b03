// Every write of a short run fails once, and every one is the first that finds the disk full.
#include <exception>
#include <string>

#include <doctest/doctest.h>

#include "storm.hpp"

namespace patchbay::sim {
namespace {

/// How many calls the disk got.
std::int64_t play_with(disk_fault what) {
  CAPTURE(what.at_call);
  CAPTURE(what.full);
  scenario told = make_short_scenario();
  told.disk = what;
  std::int64_t calls = 0;
  try {
    storm one(std::move(told));
    one.pass();
    for (const std::string& objection : one.found()) FAIL_CHECK(objection);
    calls = one.disk_calls();
  } catch (const std::exception& ended) {
    FAIL_CHECK(ended.what());
  }
  mend_disk();
  return calls;
}

}  // namespace

TEST_CASE("disk: whichever write, sync or rename fails, nothing is lost and nothing sent twice") {
  const std::int64_t calls = play_with({});
  CHECK(calls > 100);
  for (std::int64_t at = 1; at <= calls; ++at) {
    play_with({at, false});
    play_with({at, true});
  }
}

}  // namespace patchbay::sim
