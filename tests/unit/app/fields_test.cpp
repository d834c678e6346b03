#include <doctest/doctest.h>

#include "settings_bench.hpp"

using namespace patchbay;
using namespace patchbay::settings_test;

namespace {

/// The good configuration with another field list; it begins in line 14, column 7.
std::string fields(const std::string& lines) {
  return with("email: {column: EMAIL}", lines);
}

field_spec field(const std::string& line) {
  return values(fields(line)).jobs[0].mapping.fields[0];
}

}  // namespace

TEST_CASE("settings: fields are known by the names of the API") {
  CHECK(field("email: {column: E, transform: [trim, lower]}").transforms.size() == 2);
  CHECK(field("customer_group: {column: K, lookup: code}").lookup_code);
  CHECK(field("customer_group: {column: K}").kind == field_kind::customer_group);
  CHECK(field("tags: {column: T}").kind == field_kind::tags);
  CHECK(field("reference_origin: {value: SAP}").fixed == "SAP");
  CHECK(field("reference_origin: {value: \"\"}").fixed == "");
  CHECK(field("metadata.a.b: {column: X}").path == std::vector<std::string>{"a", "b"});
  CHECK(field("metadata.x: {columns: [A, B], separator: \"\"}").columns.size() == 2);
  CHECK(field("metadata.x: {column: X, sensitive: true}").sensitive);
  CHECK(field("password: {column: P}").sensitive);
  CHECK(field("password: {column: P, initial: send}").initial_send);
  CHECK(field("metadata.d: {column: D, type: date, format: \"%Y%m%d\"}").format == "%Y%m%d");
}

TEST_CASE("settings: an unknown field is refused, with the one that was meant") {
  CHECK(fault_of(fields("emial: {column: E}")) == "CONFIG_UNKNOWN_KEY 14:7 jobs[0].fields.emial");
  CHECK(says(fields("emial: {column: E}"), "did you mean \"email\"?"));
  CHECK(says(fields("phone: {column: E}"), "metadata.phone"));
  CHECK(says(fields("metadata: {column: E}"), "name the key"));
  CHECK(fault_of(fields("metadata.a..b: {column: E}")) ==
        "CONFIG_UNKNOWN_KEY 14:7 jobs[0].fields.metadata.a..b");
  CHECK(fault_of(fields("metadata.: {column: E}")) ==
        "CONFIG_UNKNOWN_KEY 14:7 jobs[0].fields.metadata.");
  CHECK(fault_of(fields("email: {colum: E}")) == "CONFIG_MISSING 14:7 jobs[0].fields.email.column");
  CHECK(fault_of(fields("email: EMAIL")) == "CONFIG_WRONG_TYPE 14:14 jobs[0].fields.email");
  CHECK(fault_of(fields("email:")) == "CONFIG_MISSING 14:7 jobs[0].fields.email");
}

TEST_CASE("settings: a field has one source") {
  CHECK(fault_of(fields("email: {}")) == "CONFIG_MISSING 14:7 jobs[0].fields.email.column");
  CHECK(fault_of(fields("email: {column: A, value: b}")) ==
        "CONFIG_VALUE 14:7 jobs[0].fields.email");
  CHECK(fault_of(fields("email: {column: A, separator: b}")) ==
        "CONFIG_VALUE 14:37 jobs[0].fields.email.separator");
  CHECK(fault_of(fields("metadata.x: {columns: [A]}")) ==
        "CONFIG_VALUE 14:29 jobs[0].fields.metadata.x.columns");
  CHECK(fault_of(fields("metadata.x: {columns: A}")) ==
        "CONFIG_WRONG_TYPE 14:29 jobs[0].fields.metadata.x.columns");
}

TEST_CASE("settings: types and transforms are known words that fit the field") {
  CHECK(fault_of(fields("metadata.x: {column: X, type: number}")) ==
        "CONFIG_VALUE 14:37 jobs[0].fields.metadata.x.type");
  CHECK(says(fields("metadata.x: {column: X, type: interger}"), "did you mean \"integer\"?"));
  CHECK(fault_of(fields("email: {column: X, type: decimal}")) ==
        "CONFIG_VALUE 14:32 jobs[0].fields.email.type");
  CHECK(fault_of(fields("email: {column: X, transform: [trim, lowr]}")) ==
        "CONFIG_VALUE 14:37 jobs[0].fields.email.transform");
  CHECK(says(fields("email: {column: X, transform: [trim, lowr]}"), "did you mean \"lower\"?"));
  CHECK(fault_of(fields("email: {column: X, transform: lower}")) ==
        "CONFIG_WRONG_TYPE 14:37 jobs[0].fields.email.transform");
  CHECK(fault_of(fields("metadata.x: {column: X, format: \"%Y\"}")) ==
        "CONFIG_VALUE 14:39 jobs[0].fields.metadata.x.format");
  for (const std::string wrong : {"%Y%j", "%", "YYYYMMDD"}) {
    CAPTURE(wrong);
    CHECK(fault_of(fields("metadata.x: {column: X, type: date, format: \"" + wrong + "\"}")) ==
          "CONFIG_VALUE 14:51 jobs[0].fields.metadata.x.format");
  }
  CHECK(fault_of(fields("email: {column: X, lookup: code}")) ==
        "CONFIG_VALUE 14:34 jobs[0].fields.email.lookup");
  CHECK(fault_of(fields("email: {column: X, initial: send}")) ==
        "CONFIG_VALUE 14:35 jobs[0].fields.email.initial");
  CHECK(fault_of(fields("password: {column: X, sensitive: false}")) ==
        "CONFIG_VALUE 14:40 jobs[0].fields.password.sensitive");
}

TEST_CASE("settings: the field's type says what the words of a map mean") {
  const auto map =
      field("metadata.x: {column: X, type: boolean, map: {\"X\": true, \"\": false}}").map;
  CHECK(map.at("X") == value{"true"});
  CHECK(map.at("") == value{"false"});
  CHECK(field("metadata.x: {column: X, map: {A: 1, B: true, C: ~}}").map.at("A") == value{"\"1\""});
  CHECK(field("metadata.x: {column: X, map: {A: 1, B: true, C: ~}}").map.at("C") == value{"null"});
  CHECK(field("metadata.x: {column: X, type: decimal, map: {A: 1.50}}").map.at("A") ==
        value{"1.50"});
  CHECK(field("metadata.x: {column: X, type: json, map: {A: 1, B: \"1\"}}").map.at("B") ==
        value{"\"1\""});
  CHECK(fault_of(fields("metadata.x: {column: X, type: boolean, map: {\"X\": maybe}}")) ==
        "CONFIG_WRONG_TYPE 14:57 jobs[0].fields.metadata.x.map[\"X\"]");
  for (const std::string wrong : {"01", "1.", ".5", "+1", "0x1", "1e", "one"}) {
    CAPTURE(wrong);
    CHECK(fault_of(fields("metadata.x: {column: X, type: decimal, map: {A: " + std::string(wrong) +
                          "}}"))
              .starts_with("CONFIG_WRONG_TYPE 14:"));
  }
  CHECK(fault_of(fields("metadata.x: {column: X, type: integer, map: {A: 1.5}}"))
            .starts_with("CONFIG_WRONG_TYPE"));
  CHECK(fault_of(fields("metadata.x: {column: X, type: date, map: {A: 20260101}}"))
            .starts_with("CONFIG_WRONG_TYPE"));
  CHECK(fault_of(fields("email: {column: X, map: {A: ~}}")).starts_with("CONFIG_VALUE 14:"));
}

TEST_CASE("settings: what the API cannot clear is never cleared") {
  CHECK(field("metadata.x: {column: X, empty: clear}").empty == empty_rule::clear);
  CHECK(fault_of(fields("email: {column: X, empty: clear}")) ==
        "CONFIG_VALUE 14:33 jobs[0].fields.email.empty");
  CHECK(fault_of(fields("password: {column: X, empty: clear}")) ==
        "CONFIG_VALUE 14:36 jobs[0].fields.password.empty");
  const std::string job_wide = with("    match:", "    empty: clear\n    match:");
  CHECK(fault_of(job_wide) == "CONFIG_VALUE 15:7 jobs[0].fields.email.empty");
  CHECK(says(job_wide, "add empty: keep here"));
  CHECK(fault_of(with("{column: EMAIL}", "{column: EMAIL, empty: keep}", job_wide)) == "good");
}

TEST_CASE("settings: data is erased only with a word of its own beside it") {
  const std::string bare = fields("_request_anonymization: {column: G}");
  CHECK(fault_of(bare) == "CONFIG_VALUE 14:7 jobs[0].fields._request_anonymization");
  CHECK(says(bare, "allow_anonymization: true"));
  const field_spec allowed =
      field("_request_anonymization: {column: G, allow_anonymization: true}");
  CHECK(allowed.kind == field_kind::gdpr_trigger);
  CHECK(allowed.type == field_type::boolean);
  CHECK(fault_of(fields("allow_anonymization: true\n      _cancel_anonymization: {column: G}")) ==
        "good");
  CHECK(fault_of(fields("_cancel_anonymization: {column: G, allow_anonymization: false}"))
            .starts_with("CONFIG_VALUE 14:7"));
}

TEST_CASE("settings: a metadata key lies in no other one of the job") {
  const std::string text =
      fields("metadata.a: {column: A, type: json}\n      metadata.a.b: {column: B}");
  CHECK(fault_of(text) == "CONFIG_VALUE 15:21 jobs[0].fields.metadata.a.b");
  CHECK(fault_of(fields("metadata.a: {column: A}\n      metadata.ab: {column: B}")) == "good");
}

TEST_CASE("settings: the same field twice is a duplicate key") {
  CHECK(fault_of(fields("email: {column: A}\n      email: {column: B}")) ==
        "CONFIG_DUPLICATE_KEY 15:7 jobs[0].fields.email");
}
