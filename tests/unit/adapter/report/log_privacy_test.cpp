#include <doctest/doctest.h>

#include "log_bench.hpp"
#include "report_bench.hpp"

using namespace patchbay;
using namespace patchbay::report_test;

namespace {

const log_fields fields{{"job", "erp"},
                        {"customer", "C-000007"},
                        {"id", "xYZkjABcde"},
                        {"detail", "email - a@x.it has already been taken"},
                        {"request_id", "req-1"}};

std::string named(std::string_view key) {
  return key == "C-000007" ? "0123456789abcdef" : "ffff";
}

}  // namespace

TEST_CASE("log: a customer is named by a hash; key, id and the API's words stay out") {
  for (const log_format format : {log_format::text, log_format::json, log_format::journal}) {
    log_bench bench(with_format(format));
    bench.log->name_customers(named);
    bench.log->note(severity::warning, "attempt", "PATCH refused", fields);
    const std::string line = bench.taken();
    CHECK(contains(line, "0123456789abcdef"));
    CHECK(contains(line, "req-1"));
    for (const char* personal : {"C-000007", "xYZkjABcde", "a@x.it"}) {
      CHECK_FALSE(contains(line, personal));
    }
  }
}

TEST_CASE("log: before anybody knows how, a customer is not named at all") {
  log_bench bench(with_format(log_format::text));
  bench.log->note(severity::warning, "attempt", "PATCH refused", fields);
  CHECK_FALSE(contains(bench.taken(), "customer"));
}

TEST_CASE("log: at the level debug, key, id and the API's words stand beside the hash") {
  log_options options = with_format(log_format::text);
  options.least = severity::debug;
  log_bench bench(options);
  bench.log->name_customers(named);
  bench.log->note(severity::warning, "attempt", "PATCH refused", fields);
  const std::string line = bench.taken();
  CHECK(contains(line, "customer=0123456789abcdef customer_key=C-000007 id=xYZkjABcde"));
  CHECK(contains(line, "a@x.it"));
}
