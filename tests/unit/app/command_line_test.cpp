#include "patchbay/app/command_line.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace patchbay;

namespace {

parsed_line parse(std::vector<const char*> words) {
  words.insert(words.begin(), "patchbay");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("command line: plan is a dry run, sync is not") {
  const parsed_line plan = parse({"plan", "-c", "x.yaml", "a.csv", "--json"});
  REQUIRE(plan.ask);
  CHECK(plan.ask->dry_run);
  CHECK(plan.ask->json);
  CHECK(plan.ask->drop_file == "a.csv");
  CHECK(plan.ask->config == "x.yaml");
  const parsed_line sync = parse({"sync"});
  REQUIRE(sync.ask);
  CHECK_FALSE(sync.ask->dry_run);
  CHECK(parse({"sync", "-n"}).ask->dry_run);
}

TEST_CASE("command line: options may stand before the command") {
  const parsed_line line = parse({"-c", "x.yaml", "-vv", "status"});
  REQUIRE(line.ask);
  CHECK(line.ask->what == command::status);
  CHECK(line.ask->verbose == 2);
}

TEST_CASE("command line: what it does not know is a usage error") {
  CHECK(parse({"sink"}).exit_with == 64);
  CHECK(parse({}).exit_with == 64);
  CHECK(parse({"dead-letters", "retry"}).exit_with == 64);
  CHECK(parse({"sync", "--secret", "x"}).exit_with == 64);
}

TEST_CASE("command line: what belongs to a dry run is refused without one") {
  CHECK(parse({"sync", "--offline"}).exit_with == 64);
  CHECK(parse({"sync", "--detailed-exitcode"}).exit_with == 64);
  REQUIRE(parse({"sync", "-n", "--offline"}).ask);
  CHECK(parse({"sync", "-n", "--offline"}).ask->offline);
  REQUIRE(parse({"plan", "--detailed-exitcode"}).ask);
}

TEST_CASE("command line: dead letters are named by key") {
  const parsed_line line = parse({"dead-letters", "retry", "C-1", "C-2"});
  REQUIRE(line.ask);
  CHECK(line.ask->what == command::letters_retry);
  CHECK(line.ask->subjects == std::vector<std::string>{"C-1", "C-2"});
}
