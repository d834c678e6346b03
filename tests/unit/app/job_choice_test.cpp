#include <filesystem>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "patchbay/app/commands.hpp"
#include "temp_folder.hpp"

using namespace patchbay;

namespace {

/// Two jobs, each with a folder of its own.
struct two_jobs {
  testing::temp_folder folder;
  settings config;

  two_jobs(std::string first_pattern, std::string second_pattern) {
    add("erp", std::move(first_pattern));
    add("crm", std::move(second_pattern));
  }
  void add(const std::string& name, std::string pattern) {
    job_spec job;
    job.name = name;
    job.source.directory = folder.path() / name;
    job.source.pattern = std::move(pattern);
    std::filesystem::create_directories(job.source.directory);
    config.jobs.push_back(std::move(job));
  }
  /// The names of the jobs, or the code of the fault.
  [[nodiscard]] std::string asked(const invocation& ask) const {
    const auto jobs = jobs_asked_for(ask, config);
    if (!jobs) return jobs.error().code;
    std::string names;
    for (const job_spec* job : *jobs) names += (names.empty() ? "" : " ") + job->name;
    return names;
  }
  [[nodiscard]] std::string of_drop(const std::filesystem::path& file) const {
    invocation ask;
    ask.drop_file = file;
    return asked(ask);
  }
};

}  // namespace

TEST_CASE("job choice: without a name or a drop, all jobs are meant") {
  const two_jobs all("a_*.csv", "b_*.csv");
  CHECK(all.asked({}) == "erp crm");
  invocation named;
  named.job = "crm";
  CHECK(all.asked(named) == "crm");
  named.job = "nobody";
  CHECK(all.asked(named) == "JOB_UNKNOWN");
}

TEST_CASE("job choice: a drop from elsewhere belongs to the job whose pattern it fits") {
  const two_jobs all("a_*.csv", "b_*.csv");
  CHECK(all.of_drop("/elsewhere/b_1.csv") == "crm");
  CHECK(all.of_drop("/elsewhere/b_1.csv.gz") == "crm");
  CHECK(all.of_drop("/elsewhere/c_1.csv") == "JOB_AMBIGUOUS");
}

TEST_CASE("job choice: the folder decides between jobs that share a pattern") {
  const two_jobs all("c_*.csv", "c_*.csv");
  CHECK(all.of_drop("/elsewhere/c_1.csv") == "JOB_AMBIGUOUS");
  CHECK(all.of_drop(all.config.jobs[1].source.directory / "c_1.csv") == "crm");
}

TEST_CASE("job choice: a drop that is not there is missing, none named is not") {
  invocation ask;
  CHECK_FALSE(drop_missing(ask));
  ask.drop_file = "/nowhere/at/all.csv";
  REQUIRE(drop_missing(ask));
  CHECK(drop_missing(ask)->code == "DROP_MISSING");
}
