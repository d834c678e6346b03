// How much of the allowed rate a long night uses: the real engine and store on virtual time, the
// API's real limits, the latency of a network. `meson test --benchmark pace` plays 1,000 seeds.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "evidence.hpp"
#include "life.hpp"
#include "patchbay/policy/windows.hpp"
#include "patchbay/twin/seed.hpp"
#include "scenario.hpp"
#include "seeds.hpp"
#include "temp_folder.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::minutes;

constexpr int customers = 2'100;
constexpr minutes measured{10};
constexpr int allowed = 2'000;  ///< PATCHes in ten minutes, at 200 in any 60 s

class long_night {
 public:
  explicit long_night(std::uint64_t seed) : seed_(seed), told_(make_short_scenario()) {
    chance luck(seed);
    told_.config.api.average.reset();
    told_.config.api.burst.reset();
    told_.config.api.sessions = static_cast<int>(luck.between(6, 12));
    told_.config.api.request_timeout = std::chrono::seconds(15);
    told_.api.limits.reset();
    told_.api.test_mode = false;
    told_.api.token_life = std::chrono::hours(2);
    told_.config.jobs.front().budgets.changes.share = 1;
    told_.config.state_path = folder_.path() / "state";
    source_spec& source = told_.config.jobs.front().source;
    source.mode = drop_mode::snapshot;
    source.directory = folder_.path() / "spool";
    source.pattern = "drop-*.csv";
    std::filesystem::create_directories(told_.config.state_path);
    std::filesystem::create_directories(source.directory);
    latency_ = {.fastest = luck.between(milliseconds(20), milliseconds(80)),
                .slowest = luck.between(milliseconds(100), milliseconds(400))};
  }

  /// Every customer gets another e-mail address, and with every second seed other metadata. The log
  /// of the API.
  request_log play() {
    std::ofstream drop(told_.config.jobs.front().source.directory / "drop-1.csv");
    drop << "code,email,tax,segment,limit,points,group,password\n";
    // Metadata must be read just before it is written: 25 in a GET, good for two seconds.
    const std::string metadata = seed_ % 2 == 0 ? "S9,999.50,9" : ",,";
    for (int i = 1; i <= customers; ++i) {
      drop << key_of(i) << ",new." << i << "@x.it,," << metadata << ",,\n";
    }
    drop.close();
    virtual_clock time(instant(0));
    twin::rules api(told_.api, twin::generated_roster(customers));
    network wires(time, api, latency_, seed_);
    life engine({told_.config, time, wires, seed_, {}});
    engine.run();
    CHECK_FALSE(engine.stopped());
    return api.log();
  }

 private:
  std::uint64_t seed_;
  testing::temp_folder folder_;
  scenario told_;
  network_options latency_;
};

struct range {
  int least = allowed;
  int most = 0;
};

void play(std::uint64_t seed, range& of) {
  CAPTURE(seed);
  try {
    const request_log log = long_night(seed).play();
    const window_limits limits = api_limits(request_class::patch, false);
    for (const std::string& objection : check_windows(log, request_class::patch, limits)) {
      FAIL_CHECK(objection);
    }
    std::optional<instant> first;
    int used = 0;
    int throttled = 0;
    for (const twin::logged_request& one : log) {
      throttled += one.status == 429 ? 1 : 0;
      if (one.kind != request_class::patch) continue;
      if (!first) first = one.arrival;
      used += one.arrival - *first < measured ? 1 : 0;
    }
    CHECK(throttled == 0);
    CHECK(used >= allowed * 99 / 100);
    CHECK(used <= allowed);
    of = {std::min(of.least, used), std::max(of.most, used)};
  } catch (const std::exception& ended) {
    FAIL_CHECK(ended.what());
  }
}

}  // namespace

TEST_CASE("pace: at least 99 % of what the API allows in ten minutes, and never one above") {
  range used;
  for_each_seed(2, [&used](std::uint64_t seed) { play(seed, used); });
  MESSAGE("between " << used.least << " and " << used.most << " of " << allowed);
}

}  // namespace patchbay::sim
