#include <doctest/doctest.h>

#include "log_bench.hpp"
#include "report_bench.hpp"

using namespace patchbay;
using namespace patchbay::report_test;
using namespace std::chrono_literals;

namespace {

log_options on_terminal() {
  log_options options;
  options.terminal = true;
  options.width = [] { return std::size_t{60}; };
  return options;
}

progress delivering(std::int64_t done) {
  progress now;
  now.job = "erp";
  now.stage = "delivering";
  now.done = done;
  now.of = 12'000;
  now.per_second = 3.33;
  return now;
}

}  // namespace

TEST_CASE("log: each format holds the sentence, the event and the fields in one line") {
  const log_fields fields{{"job", "erp"}, {"drop", "my drop.csv"}};
  log_bench text(with_format(log_format::text));
  text.log->note(severity::warning, "drop_held", "c.csv is held", fields);
  CHECK(text.taken() ==
        "2026-11-23T02:15:04Z warning: c.csv is held event=drop_held job=erp "
        "drop=\"my drop.csv\"\n");
  log_bench json(with_format(log_format::json));
  json.log->note(severity::error, "drop_failed", "a \"b\"", fields);
  CHECK(json.taken() ==
        "{\"time\":\"2026-11-23T02:15:04.007Z\",\"level\":\"error\",\"event\":\"drop_failed\","
        "\"message\":\"a \\\"b\\\"\",\"fields\":{\"job\":\"erp\",\"drop\":\"my drop.csv\"}}\n");
  log_bench journal(with_format(log_format::journal));
  journal.log->note(severity::info, "drop_claimed", "claimed", {});
  CHECK(journal.taken() == "<6>claimed event=drop_claimed\n");
}

TEST_CASE("log: what is below the level is not written") {
  log_options options;
  options.least = severity::warning;
  log_bench bench(options);
  bench.log->note(severity::info, "a", "b", {});
  CHECK(bench.taken().empty());
  bench.log->note(severity::warning, "a", "b", {});
  CHECK_FALSE(bench.taken().empty());
}

TEST_CASE("log: foreign text cannot begin a line or a colour of its own") {
  for (const log_format format : {log_format::text, log_format::json, log_format::journal}) {
    log_bench bench(with_format(format));
    bench.log->note(severity::info, "a", "x\n<3>y\x1b[31m", {{"k", "v\nw"}});
    const std::string line = bench.taken();
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    CHECK_FALSE(contains(line, "\x1b"));
  }
}

TEST_CASE("log: a text with braces is text, not a format") {
  log_bench bench(with_format(log_format::text));
  bench.log->note(severity::info, "a", "{} {0} %v {", {});
  CHECK(contains(bench.taken(), "{} {0} %v {"));
}

TEST_CASE("log: a terminal sees sentences, in colour where they matter") {
  log_options options = on_terminal();
  log_bench bench(options);
  bench.log->note(severity::info, "a", "claimed c.csv", {{"job", "erp"}});
  CHECK(bench.taken() == "claimed c.csv\n");
  bench.log->note(severity::warning, "a", "careful", {});
  CHECK(bench.taken() == "warning: careful\n");
  options.colour = true;
  options.details = true;
  log_bench colourful(options);
  colourful.log->note(severity::error, "e", "broken", {{"job", "erp"}});
  CHECK(colourful.taken() == "\x1b[31merror: broken event=e job=erp\x1b[0m\n");
}

TEST_CASE("log: on a terminal the progress is one line that is rewritten") {
  log_bench bench(on_terminal());
  bench.log->advance(delivering(1'200));
  CHECK(bench.taken() == "\r\x1b[Kerp: delivering 1,200 of 12,000 (10%), 3.3/s, 54 min left");
  bench.log->advance(delivering(1'201));
  CHECK(bench.taken().empty());  // not more than ten times a second
  bench.time.at += 100ms;
  bench.log->advance(delivering(1'202));
  CHECK(contains(bench.taken(), "\r\x1b[Kerp: delivering 1,202"));
  bench.log->note(severity::info, "a", "claimed", {});
  CHECK(bench.taken().starts_with("\r\x1b[Kclaimed\nerp: delivering 1,202"));
  bench.log->end_progress();
  CHECK(bench.taken() == "\r\x1b[K");
  bench.log->end_progress();
  CHECK(bench.taken().empty());
}

TEST_CASE("log: the progress line is never wider than the terminal") {
  log_bench bench(on_terminal());
  progress now = delivering(5);
  now.stage = std::string(200, 'w');
  bench.log->advance(now);
  CHECK(width_of(bench.taken()) == 59 + 4);  // carriage return, ESC [ K
}

TEST_CASE("log: elsewhere a plain line says every ten seconds how far it is") {
  log_bench bench(with_format(log_format::text));
  bench.log->advance(delivering(1));
  bench.time.at += 9s;
  bench.log->advance(delivering(30));
  CHECK(bench.taken().empty());
  bench.time.at += 1s;
  bench.log->advance(delivering(33));
  CHECK(contains(bench.taken(), "info: erp: delivering 33 of 12,000 (0%), 3.3/s, 1 h left"));
  bench.time.at += 5s;
  bench.log->advance(delivering(50));
  CHECK(bench.taken().empty());
}

TEST_CASE("log: quiet means no progress") {
  log_options options = on_terminal();
  options.progress = false;
  log_bench bench(options);
  bench.log->advance(delivering(1));
  CHECK(bench.taken().empty());
}

TEST_CASE("log: progress says what it waits for, and what was rejected") {
  progress now = delivering(12'000);
  now.rejected = 2;
  now.per_second = 0;
  now.waiting_for = "a free slot";
  CHECK(progress_text(now) ==
        "erp: delivering 12,000 of 12,000 (100%), 2 rejected, waits for a free slot");
  now.of = 0;
  now.bytes = 812'345'678;
  now.of_bytes = 1'660'000'000;
  CHECK(progress_text(now) ==
        "erp: delivering 12,000, 812 MB of 1.7 GB, 2 rejected, waits for a free slot");
  now.of_bytes = 0;
  now.per_second = 123'456;
  CHECK(progress_text(now) ==
        "erp: delivering 12,000, 123,456/s, 2 rejected, waits for a free slot");
}

TEST_CASE("log: flags weigh more than the configuration") {
  CHECK(log_options_for({.level = "error"}).least == severity::error);
  CHECK(log_options_for({.level = "error", .verbose = 1}).least == severity::debug);
  CHECK(log_options_for({.level = "debug", .quiet = true}).least == severity::warning);
  CHECK_FALSE(log_options_for({.quiet = true}).progress);
  CHECK(log_options_for({.verbose = 2}).details);
  CHECK(log_options_for({.format = "json"}).format == log_format::json);
  CHECK_FALSE(log_options_for({.format = "json"}).terminal);
}
