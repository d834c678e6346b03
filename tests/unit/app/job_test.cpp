#include <doctest/doctest.h>

#include "settings_bench.hpp"

using namespace patchbay;
using namespace patchbay::settings_test;
using namespace std::chrono_literals;

namespace {

std::string job(const std::string& lines) {
  return with("    match:", "    " + lines + "\n    match:");
}

std::string source(const std::string& lines) {
  return with("      directory: /var/spool/erp", "      directory: /var/spool/erp\n      " + lines);
}

const std::string second_job = R"(  - name: crm
    source: {directory: /var/spool/crm}
    match: {by: id, column: ID}
    fields:
      reference: {column: REF}
)";

}  // namespace

TEST_CASE("settings: a job's name can be part of a file name, and is its own") {
  for (const std::string wrong : {"a/b", "..", "-x", "\"a b\"", "\"é\"", "a.", "\"\""}) {
    CAPTURE(wrong);
    CHECK(fault_of(with("name: erp", std::string("name: ") + wrong)) ==
          "CONFIG_VALUE 9:11 jobs[0].name");
  }
  CHECK(fault_of(with("name: erp", "name: " + std::string(65, 'a'))) ==
        "CONFIG_VALUE 9:11 jobs[0].name");
  CHECK(fault_of(with("name: crm", "name: ERP", good + second_job)) ==
        "CONFIG_VALUE 15:11 jobs[1].name");
  CHECK(fault_of(good + second_job) == "good");
}

TEST_CASE("settings: a field of a customer belongs to one job") {
  const std::string both =
      with("reference: {column: REF}", "email: {column: MAIL}", good + second_job);
  CHECK(fault_of(both) == "CONFIG_VALUE 19:7 jobs[1].fields.email");
  CHECK(says(both, "\"erp\" writes this field too"));
  const std::string inside = with(
      "reference: {column: REF}", "metadata.a.b: {column: X}",
      with("email: {column: EMAIL}", "metadata.a: {column: A, type: json}", good + second_job));
  CHECK(fault_of(inside) == "CONFIG_VALUE 19:7 jobs[1].fields.metadata.a.b");
  const std::string replaced = with(
      "reference: {column: REF}", "metadata.b: {column: X}",
      with("    fields:\n      email: {column: EMAIL}",
           "    metadata: replace\n    fields:\n      metadata.a: {column: A}", good + second_job));
  CHECK(fault_of(replaced) == "CONFIG_VALUE 20:7 jobs[1].fields.metadata.b");
  CHECK(says(replaced, "owner of all metadata"));
}

TEST_CASE("settings: two jobs do not take the same files") {
  const std::string same = with("/var/spool/crm", "/var/spool/erp", good + second_job);
  CHECK(fault_of(same) == "CONFIG_VALUE 16:25 jobs[1].source.directory");
  CHECK(fault_of(with("{directory: /var/spool/erp}", "{directory: /var/spool/erp, pattern: c*.csv}",
                      same)) == "good");
}

TEST_CASE("settings: jitter and blackouts are understood before they are needed") {
  const settings s = values(
      job("schedule: \"@daily\"\n    jitter: 5m\n    blackout: [\"Fri 18:00-22:00\", \"12-24\"]"));
  CHECK(s.jobs[0].jitter == 5min);
  CHECK(s.jobs[0].blackout == std::vector<std::string>{"Fri 18:00-22:00", "12-24"});
  CHECK(fault_of(job("jitter: 5m")) == "CONFIG_VALUE 12:13 jobs[0].jitter");
  CHECK(fault_of(job("blackout: [\"12-24\", \"Fri 18-22\"]")) ==
        "CONFIG_VALUE 12:15 jobs[0].blackout");
  CHECK(says(job("blackout: [\"12-24\", \"Fri 18-22\"]"), "\"18-22\" is no span of hours"));
  CHECK(fault_of(job("blackout: Fri 18:00-22:00")) == "CONFIG_WRONG_TYPE 12:15 jobs[0].blackout");
}

TEST_CASE("settings: the source of a job is read") {
  const settings s = values(
      source("pattern: \"c_*.csv\"\n      complete: quiet:30s\n      mode: delta\n      keep: 7d\n"
             "      csv: {delimiter: \"\\t\", quote: \"'\", encoding: Windows-1252, decimal_comma: "
             "true}"));
  const source_spec& read = s.jobs[0].source;
  CHECK(read.pattern == "c_*.csv");
  CHECK(read.complete == completion::quiet);
  CHECK(read.quiet_for == 30s);
  CHECK(read.mode == drop_mode::delta);
  CHECK(read.keep == 24h * 7);
  CHECK(read.csv.delimiter == '\t');
  CHECK(read.csv.quote == '\'');
  CHECK(read.csv.encoding == "windows-1252");
  CHECK(s.jobs[0].mapping.decimal_comma);
  CHECK(values(source("complete: marker")).jobs[0].source.complete == completion::marker);
}

TEST_CASE("settings: the source of a job is checked") {
  CHECK(fault_of(source("pattern: a/b.csv")) == "CONFIG_VALUE 12:16 jobs[0].source.pattern");
  CHECK(fault_of(source("complete: quite:30s")) == "CONFIG_VALUE 12:17 jobs[0].source.complete");
  CHECK(fault_of(source("complete: quiet:30")) == "CONFIG_VALUE 12:17 jobs[0].source.complete");
  CHECK(fault_of(source("mode: snapshoot")) == "CONFIG_VALUE 12:13 jobs[0].source.mode");
  CHECK(says(source("mode: snapshoot"), "did you mean \"snapshot\"?"));
  CHECK(fault_of(source("csv: {delimiter: \";;\"}")) ==
        "CONFIG_VALUE 12:24 jobs[0].source.csv.delimiter");
  CHECK(fault_of(source("csv: {delimiter: \"\\n\"}")) ==
        "CONFIG_VALUE 12:24 jobs[0].source.csv.delimiter");
  CHECK(fault_of(source("csv: {quote: \"\"}")) == "CONFIG_VALUE 12:20 jobs[0].source.csv.quote");
  CHECK(fault_of(source("csv: {quote: \",\"}")) == "CONFIG_VALUE 12:20 jobs[0].source.csv.quote");
  CHECK(fault_of(source("csv: {encoding: windows-1225}")) ==
        "CONFIG_VALUE 12:23 jobs[0].source.csv.encoding");
  CHECK(says(source("csv: {encoding: windows-1225}"), "did you mean \"windows-1252\"?"));
  CHECK(fault_of(source("csv: {decimal_comma: yes}")) ==
        "CONFIG_WRONG_TYPE 12:28 jobs[0].source.csv.decimal_comma");
}

TEST_CASE("settings: schedule, time zone and deadline are understood before they are needed") {
  const settings s =
      values(job("schedule: \"15 2 * * 1-5\"\n    timezone: Europe/Rome\n    deadline: \"06:00\""));
  CHECK(s.jobs[0].schedule == "15 2 * * 1-5");
  CHECK(s.jobs[0].timezone == "Europe/Rome");
  CHECK(s.jobs[0].deadline == "06:00");
  CHECK(fault_of(job("schedule: \"15 2 * *\"")) == "CONFIG_VALUE 12:15 jobs[0].schedule");
  CHECK(says(job("schedule: \"61 2 * * *\""), "the minute \"61\""));
  CHECK(fault_of(job("timezone: Europe/Rom")) == "CONFIG_VALUE 12:15 jobs[0].timezone");
  CHECK(says(job("timezone: Europe/Rom"), "did you mean \"Europe/Rome\"?"));
  CHECK(fault_of(job("deadline: \"6 am\"")) == "CONFIG_VALUE 12:15 jobs[0].deadline");
}

TEST_CASE("settings: match names a column and one of three ways") {
  CHECK(fault_of(with("by: reference", "by: refrence")) == "CONFIG_VALUE 12:17 jobs[0].match.by");
  CHECK(says(with("by: reference", "by: refrence"), "expected id, reference or email"));
  CHECK(fault_of(with(", column: KUNNR", "")) == "CONFIG_MISSING 12:5 jobs[0].match.column");
  const settings s = values(with("column: KUNNR", "column: KUNNR, transform: [trim, lower]"));
  CHECK(s.jobs[0].mapping.key_transforms ==
        std::vector<transform>{transform::trim, transform::lower});
}

TEST_CASE("settings: budgets are shares or numbers, and of mapped fields") {
  const settings s = values(
      job("budgets: {changes: 500, rejects: 0.5%, fields: {email: {changes: 2%, clears: 0}}}"));
  const budget_spec& budgets = s.jobs[0].budgets;
  CHECK_FALSE(budgets.changes.is_share);
  CHECK(budgets.changes.number == 500);
  CHECK(budgets.rejects.share == doctest::Approx(0.005));
  CHECK(budgets.absent.share == doctest::Approx(0.1));
  REQUIRE(budgets.fields.contains("email"));
  CHECK(budgets.fields.at("email").changes->share == doctest::Approx(0.02));
  CHECK(budgets.fields.at("email").clears->number == 0);
  CHECK(fault_of(job("budgets: {changes: many}")) ==
        "CONFIG_WRONG_TYPE 12:24 jobs[0].budgets.changes");
  CHECK(fault_of(job("budgets: {changes: 120%}")) ==
        "CONFIG_WRONG_TYPE 12:24 jobs[0].budgets.changes");
  CHECK(fault_of(job("budgets: {change: 1%}")) ==
        "CONFIG_UNKNOWN_KEY 12:15 jobs[0].budgets.change");
  const std::string unmapped = job("budgets: {fields: {emial: {changes: 2%}}}");
  CHECK(fault_of(unmapped) == "CONFIG_UNKNOWN_KEY 12:24 jobs[0].budgets.fields.emial");
  CHECK(says(unmapped, "did you mean \"email\"?"));
}

TEST_CASE("settings: the digest follows what a plan depends on, and nothing else") {
  const job_spec before = values(good).jobs[0];
  const auto changed = [&](const std::string& text) {
    return values(text).jobs[0].digest != before.digest;
  };
  CHECK_FALSE(changed(good));
  CHECK_FALSE(changed(job("deadline: \"06:00\"")));
  CHECK_FALSE(changed(good + "log: {level: debug}\n"));
  CHECK(changed(job("budgets: {changes: 21%}")));
  CHECK(changed(with("column: EMAIL", "column: MAIL")));
  CHECK(changed(with("column: EMAIL", "column: EMAIL, transform: [lower]")));
  CHECK(changed(with("column: EMAIL", "column: EMAIL, map: {a: b}")));
  CHECK(changed(source("mode: delta")));
  CHECK(changed(with("https://acme.", "https://other.")));
  const job_spec budgeted = values(job("budgets: {changes: 21%}")).jobs[0];
  CHECK(budgeted.mapping_digest == before.mapping_digest);
}
