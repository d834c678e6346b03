// One owner per state, also after a kill, and who that owner is.
#include "patchbay/adapter/system/state_lock.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patchbay/adapter/system/process_identity.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;

namespace {

/// A child that does `first`, says so, and then waits to be killed.
template <class First>
pid_t start_child(First first) {
  int done[2];
  REQUIRE(::pipe(done) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool good = first();
    if (::write(done[1], good ? "y" : "n", 1) != 1) ::_exit(1);
    while (true) ::pause();
  }
  char answer = '?';
  REQUIRE(::read(done[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  ::close(done[0]);
  ::close(done[1]);
  return child;
}

}  // namespace

TEST_CASE("state lock: a second owner is told which process has the state, and since when") {
  const temp_folder folder;
  const auto state = folder.path() / "new" / "state";
  const result<state_lock> first = state_lock::take(state);
  REQUIRE(first.has_value());
  const result<state_lock> second = state_lock::take(state);
  REQUIRE(second.has_error());
  CHECK(second.error().code == "STATE_OWNED");
  CHECK(second.error().message.find("pid " + std::to_string(::getpid()) + ", since 20") !=
        std::string::npos);
  const std::optional<state_owner> owner = state_lock::owner_of(state);
  REQUIRE(owner.has_value());
  CHECK(owner->pid == ::getpid());
  CHECK(owner->since > wall_time{});
}

TEST_CASE("state lock: given back at the end, moved with its object, and asking takes nothing") {
  const temp_folder folder;
  {
    result<state_lock> first = state_lock::take(folder.path());
    REQUIRE(first.has_value());
    const state_lock moved = std::move(*first);
    CHECK(state_lock::take(folder.path()).has_error());
    CHECK(state_lock::owner_of(folder.path()).has_value());
  }
  CHECK_FALSE(state_lock::owner_of(folder.path()).has_value());
  CHECK(state_lock::take(folder.path()).has_value());
}

TEST_CASE("state lock: the kernel gives back what a killed owner held") {
  const temp_folder folder;
  const auto take = [&folder] {
    static result<state_lock> held = state_lock::take(folder.path());
    return held.has_value();
  };
  const pid_t child = start_child(take);
  const result<state_lock> refused = state_lock::take(folder.path());
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("pid " + std::to_string(child)) != std::string::npos);
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK_FALSE(state_lock::owner_of(folder.path()).has_value());
  CHECK(state_lock::take(folder.path()).has_value());
}

TEST_CASE("state lock: a state that cannot be made is another failure than an owned one") {
  const temp_folder folder;
  folder.write("file", "");
  const result<state_lock> refused = state_lock::take(folder.path() / "file");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "STATE_UNUSABLE");
}

TEST_CASE("process: a token is of this very process, and dead when it has ended") {
  CHECK(process_alive(process_token()));
  CHECK(process_token().starts_with(std::to_string(::getpid()) + ":"));
  const std::string mine = process_token();
  CHECK_FALSE(process_alive(mine + "0"));  // the same pid, another start
  for (const char* nonsense : {"", "1", ":", "abc:1", "-1:1", "1x:1", "999999999:1"}) {
    CAPTURE(nonsense);
    CHECK_FALSE(process_alive(nonsense));
  }
  const pid_t child = start_child([] { return true; });
  std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
  std::string word;
  for (int field = 0; field < 22; ++field) stat >> word;
  const std::string token = std::to_string(child) + ":" + word;
  CHECK(process_alive(token));
  REQUIRE(::kill(child, SIGKILL) == 0);
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
  CHECK_FALSE(process_alive(token));  // ended, not yet reaped
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK_FALSE(process_alive(token));
}

TEST_CASE("process: the boot has one id, seeds differ") {
  CHECK(boot_id().size() == 36);
  CHECK(boot_id() == boot_id());
  CHECK(random_seed() != random_seed());
}
