#include <doctest/doctest.h>

#include "settings_bench.hpp"

using namespace patchbay;
using namespace patchbay::settings_test;
using namespace std::chrono_literals;

TEST_CASE("settings: a short configuration has the documented defaults") {
  const settings s = values(good);
  CHECK(s.file == "/etc/patchbay/patchbay.yaml");
  CHECK(s.api.base_url == "https://acme.commercelayer.io/api");
  CHECK(s.api.client_secret_file == "/run/credentials/patchbay/client_secret");
  CHECK(s.api.sessions == 8);
  CHECK_FALSE(s.api.average);
  CHECK(s.api.retry.attempts == 6);
  CHECK(s.api.request_timeout == 15s);
  CHECK(s.state_path == "/etc/patchbay/state");
  CHECK(s.key_file == "/etc/patchbay/state/seal.key");
  CHECK(s.report_directory == "/etc/patchbay/state/reports");
  CHECK(s.history == 24h * 90);
  CHECK_FALSE(s.http_listen);
  CHECK(s.log_level == "info");
  REQUIRE(s.jobs.size() == 1);
  const job_spec& job = s.jobs[0];
  CHECK(job.source.pattern == "*.csv");
  CHECK(job.source.mode == drop_mode::snapshot);
  CHECK(job.timezone == "UTC");
  CHECK_FALSE(job.schedule);
  CHECK(job.budgets.changes.share == doctest::Approx(0.2));
  CHECK(job.mapping.metadata == metadata_rule::merge);
  CHECK(job.mapping.fields[0].empty == empty_rule::keep);
  CHECK(job.digest.size() == 32);
}

TEST_CASE("settings: values know their place, for faults that are found later") {
  const auto loaded = parse(good).value();
  CHECK(loaded.places.at("api.client_secret_file").line == 5);
  CHECK(loaded.places.at("api.client_secret_file").column == 23);
  CHECK(loaded.places.at("jobs[0].source.directory").line == 11);
  const placed_fault later =
      placed_at(loaded, "api.client_secret_file", "SECRET_MISSING", "there is no such file");
  CHECK(later.line == 5);
  CHECK(later.message == "api.client_secret_file: there is no such file");
}

TEST_CASE("settings: an unknown key says where it stands and what was meant") {
  const std::string text = with("  client_id: abc", "  client_id: abc\n  sesions: 8");
  CHECK(fault_of(text) == "CONFIG_UNKNOWN_KEY 5:3 api.sesions");
  CHECK(message_of(text) == "unknown key api.sesions; did you mean \"sessions\"?");
  CHECK(parse(text).error().front().nearest == "sessions");
  CHECK(fault_of(good + "stat: {}\n") == "CONFIG_UNKNOWN_KEY 15:1 stat");
  CHECK(says(good + "log: {colour: red}\n", "known here: level, format"));
  CHECK(fault_of(with("{by: reference,", "{by: reference, colum: X,")) ==
        "CONFIG_UNKNOWN_KEY 12:28 jobs[0].match.colum");
}

TEST_CASE("settings: a secret in the configuration is refused without repeating it") {
  const std::string text = with("  client_id: abc", "  client_id: abc\n  client_secret: hunter2");
  CHECK(says(text, "api.client_secret_file"));
  CHECK_FALSE(says(text, "hunter2"));
  const std::string login = with("https://acme", "https://user:hunter2@acme");
  CHECK(fault_of(login) == "CONFIG_VALUE 2:13 api.base_url");
  CHECK_FALSE(says(login, "hunter2"));
}

TEST_CASE("settings: what is missing is named at its section") {
  CHECK(fault_of(with("  client_id: abc\n", "")) == "CONFIG_MISSING 1:1 api.client_id");
  CHECK(fault_of(with("  client_id: abc\n", "  client_id:\n")) ==
        "CONFIG_MISSING 4:3 api.client_id");
  CHECK(fault_of(with("state:\n  path: state\n", "")) == "CONFIG_MISSING 1:1 state");
  CHECK(fault_of(with("  - name: erp\n    source:", "  - source:")) ==
        "CONFIG_MISSING 9:5 jobs[0].name");
  CHECK(fault_of(with("    match: {by: reference, column: KUNNR}\n", "")) ==
        "CONFIG_MISSING 9:5 jobs[0].match");
  CHECK(fault_of(with("  client_secret_file: ${CREDENTIALS_DIRECTORY}/client_secret\n", "")) ==
        "CONFIG_MISSING 1:1 api.client_secret_file");
  CHECK(says(with("  client_id: abc\n", ""), "expected the client id"));
}

TEST_CASE("settings: a wrong type says what was expected and what was found") {
  const auto sessions = [](const char* text) {
    return with("  client_id: abc", std::string("  client_id: abc\n  sessions: ") + text);
  };
  CHECK(fault_of(sessions("many")) == "CONFIG_WRONG_TYPE 5:13 api.sessions");
  CHECK(message_of(sessions("many")) ==
        "api.sessions: expected a whole number from 1 to 64, found \"many\"");
  CHECK(fault_of(sessions("\"8\"")) == "CONFIG_WRONG_TYPE 5:13 api.sessions");
  CHECK(fault_of(sessions("[8]")) == "CONFIG_WRONG_TYPE 5:13 api.sessions");
  CHECK(fault_of(sessions("0")) == "CONFIG_VALUE 5:13 api.sessions");
  CHECK(fault_of(sessions("65")) == "CONFIG_VALUE 5:13 api.sessions");
  CHECK(fault_of(sessions("-1")) == "CONFIG_VALUE 5:13 api.sessions");
  CHECK(fault_of(sessions("64")) == "good");
  CHECK(fault_of(with("state:\n  path: state", "state: /var/lib/patchbay")) ==
        "CONFIG_WRONG_TYPE 6:8 state");
  CHECK(fault_of(with("  - name: erp\n    source:", "    name: erp\n    source:")) ==
        "CONFIG_WRONG_TYPE 9:5 jobs");
  CHECK(fault_of(with("client_id: abc", "client_id: [a, b]")) ==
        "CONFIG_WRONG_TYPE 4:14 api.client_id");
}

TEST_CASE("settings: every fault is told, in the order of the file") {
  const std::string text =
      with("  client_id: abc", "  client_id: abc\n  sesions: 8\n  sessions: x") + "lag: 1\n";
  const auto loaded = parse(text);
  REQUIRE(loaded.has_error());
  REQUIRE(loaded.error().size() == 3);
  CHECK(loaded.error()[0].key == "api.sesions");
  CHECK(loaded.error()[1].key == "api.sessions");
  CHECK(loaded.error()[2].key == "lag");
}

TEST_CASE("settings: paths take environment variables, and start at the file's folder") {
  const auto path = [](const char* text) {
    return with("  path: state", std::string("  path: ") + text);
  };
  CHECK(values(path("/srv/${ORG}/state")).state_path == "/srv/acme/state");
  CHECK(values(path("../x")).state_path == "/etc/x");
  CHECK(values(path("/a/$ORG")).state_path == "/a/$ORG");
  CHECK(fault_of(path("/srv/${NOWHERE}/state")) == "CONFIG_VALUE 7:9 state.path");
  CHECK(says(path("/srv/${NOWHERE}/state"), "variable NOWHERE is not set"));
  CHECK(fault_of(path("\"/srv/${ORG\"")) == "CONFIG_VALUE 7:9 state.path");
  CHECK(fault_of(path("/srv/${O-RG}")) == "CONFIG_VALUE 7:9 state.path");
  CHECK(fault_of(path("\"\"")) == "CONFIG_VALUE 7:9 state.path");
  // Only paths: elsewhere a dollar is a dollar.
  CHECK(values(with("client_id: abc", "client_id: \"${ORG}\"")).api.client_id == "${ORG}");
}

TEST_CASE("settings: a command that calls no API does without the credentials' variable") {
  const std::string text = with("${CREDENTIALS_DIRECTORY}", "${NOT_SET}");
  CHECK(fault_of(text) == "CONFIG_VALUE 5:23 api.client_secret_file");
  settings_surroundings around = surroundings();
  around.needs_credentials = false;
  const auto loaded = parse_settings(text, "/etc/patchbay/patchbay.yaml", around);
  REQUIRE(loaded.has_value());
  CHECK(loaded->values.api.client_secret_file.empty());
}

TEST_CASE("settings: a missing or unreadable file is a fault with its name") {
  const auto missing = load_settings("/nowhere/patchbay.yaml", surroundings());
  REQUIRE(missing.has_error());
  CHECK(missing.error().front().code == "CONFIG_FILE_MISSING");
  CHECK(missing.error().front().file == "/nowhere/patchbay.yaml");
  CHECK(load_settings("/", surroundings()).error().front().code == "CONFIG_FILE_UNREADABLE");
}

TEST_CASE("settings: a shared state is refused in a sentence") {
  const std::string text = with("  path: state", "  url: postgresql://db/patchbay");
  const auto faults = parse(text).error();
  CHECK(fault_of(text) == "CONFIG_MISSING 6:1 state.path");
  REQUIRE(faults.size() == 2);
  CHECK(faults[1].code == "STATE_URL_UNSUPPORTED");
  CHECK(faults[1].line == 7);
}

TEST_CASE("settings: report, listener, log and limits are read") {
  const settings s = values(good +
                            "report: {directory: out, keep: 7d}\n"
                            "http: {listen: \"unix:/run/${ORG}.sock\"}\n"
                            "log: {level: debug, format: json}\n"
                            "limits: {drop: 1GB, line: 2MB, cell: 64KB, columns: 50,"
                            " decompressed_ratio: 20}\n");
  CHECK(s.report_directory == "/etc/patchbay/out");
  CHECK(s.report_keep == 24h * 7);
  CHECK(s.http_listen == "unix:/run/acme.sock");
  CHECK(values(good + "metrics: {textfile: m/p.prom}\n").metrics_textfile ==
        "/etc/patchbay/m/p.prom");
  CHECK(s.log_level == "debug");
  CHECK(s.log_format == "json");
  CHECK(s.limits.drop_bytes == 1LL << 30);
  CHECK(s.limits.cell_bytes == 64 << 10);
  CHECK(s.limits.columns == 50);
  CHECK(s.limits.decompressed_ratio == doctest::Approx(20));
}

TEST_CASE("settings: listener, log and limits are checked") {
  CHECK(fault_of(good + "http: {listen: 9464}\n") == "CONFIG_VALUE 15:16 http.listen");
  CHECK(fault_of(good + "http: {listen: \"127.0.0.1:99999\"}\n") ==
        "CONFIG_VALUE 15:16 http.listen");
  CHECK(fault_of(good + "http: {listen: \"[::1]:9464\"}\n") == "good");
  CHECK(fault_of(good + "http: {listen: \"localhost:0\"}\n") == "good");
  for (const char* reachable : {"0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "shop.example:9464",
                                "127.evil.example:9464", "localhost.evil.example:9464"}) {
    CAPTURE(reachable);
    const std::string text = good + "http: {listen: \"" + reachable + "\"}\n";
    CHECK(fault_of(text) == "CONFIG_VALUE 15:16 http.listen");
    CHECK(says(text, "could be reached from other machines"));
  }
  CHECK(fault_of(good + "metrics: {textfile: m.txt}\n") == "CONFIG_VALUE 15:21 metrics.textfile");
  CHECK(fault_of(good + "log: {level: warn}\n") == "CONFIG_VALUE 15:14 log.level");
  CHECK(fault_of(good + "log: {format: jurnal}\n") == "CONFIG_VALUE 15:15 log.format");
  CHECK(says(good + "log: {format: jurnal}\n", "did you mean \"journal\"?"));
  CHECK(fault_of(good + "limits: {drop: 64}\n") == "CONFIG_WRONG_TYPE 15:16 limits.drop");
  CHECK(fault_of(good + "limits: {cell: 32MB}\n") == "CONFIG_VALUE 15:16 limits.cell");
  CHECK(fault_of(good + "report: {keep: 5}\n") == "CONFIG_WRONG_TYPE 15:16 report.keep");
  CHECK(fault_of(good + "report:\n") == "CONFIG_MISSING 15:1 report");
}

TEST_CASE("settings: the annotated example loads as it stands") {
  const auto loaded = load_settings(PATCHBAY_EXAMPLE, surroundings());
  if (loaded.has_error()) FAIL(loaded.error().front().message);
  const settings& s = loaded->values;
  CHECK(s.api.average == window_limit{200, 60s});
  CHECK(s.api.burst == window_limit{50, 10s});
  REQUIRE(s.jobs.size() == 1);
  CHECK(s.jobs[0].schedule == "15 2 * * 1-5");
  CHECK(s.jobs[0].mapping.fields.size() == 8);
  CHECK(s.jobs[0].source.csv.encoding == "windows-1252");
}
