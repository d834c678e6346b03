#include "patchbay/app/exit_code.hpp"

#include <doctest/doctest.h>

using namespace patchbay;

TEST_CASE("exit code: of several causes the gravest counts") {
  CHECK(worst({}) == exit_code::ok);
  CHECK(worst({exit_code::rejected, exit_code::held, exit_code::ok}) == exit_code::held);
  CHECK(worst({exit_code::stopped, exit_code::held}) == exit_code::held);
  CHECK(worst({exit_code::temporary, exit_code::malformed}) == exit_code::temporary);
  CHECK(worst({exit_code::disk, exit_code::bug}) == exit_code::disk);
}

TEST_CASE("exit code: a missing drop is told apart from a malformed one") {
  run_report report;
  report.outcome = run_outcome::failed;
  report.error = fault{"DROP_MISSING", ""};
  CHECK(code_of(report) == exit_code::missing);
  report.error = fault{"COLUMN_MISSING", ""};
  CHECK(code_of(report) == exit_code::malformed);
}

TEST_CASE("exit code: a folder is a matter of the configuration, a full disk is not") {
  CHECK(code_of(fault{"FOLDER_MISSING", ""}) == exit_code::configuration);
  CHECK(code_of(fault{"STATE_NOT_WRITTEN", ""}) == exit_code::disk);
  CHECK(code_of(fault{"DROP_CHANGED", ""}) == exit_code::temporary);
  CHECK(code_of(fault{"CSV_NUL", ""}) == exit_code::malformed);
}

TEST_CASE("exit code: each cause of a stop has its own") {
  CHECK(code_of(stop_cause::unreachable) == exit_code::unreachable);
  CHECK(code_of(stop_cause::forbidden) == exit_code::forbidden);
  CHECK(code_of(stop_cause::drained) == exit_code::stopped);
  CHECK(code_of(stop_cause::secret) == exit_code::configuration);
}
