#include "patchbay/model/mapping.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace patchbay;

namespace {

result<value> json_as_is(std::string_view text) {
  return value{std::string(text)};
}

field_spec field(std::string name, std::string column, field_type type = field_type::string) {
  field_spec spec;
  spec.name = std::move(name);
  spec.columns = {std::move(column)};
  spec.type = type;
  if (spec.name.starts_with("metadata.")) spec.kind = field_kind::metadata;
  return spec;
}

/// The value that one cell becomes, or its fault's code.
std::string mapped(const field_spec& spec, const std::string& cell, bool decimal_comma = false) {
  mapping_spec mapping;
  mapping.key_column = "K";
  mapping.fields = {spec};
  mapping.decimal_comma = decimal_comma;
  const std::vector<std::string> header{"K", "A"};
  const auto bound = bound_mapping::bind(mapping, header, json_as_is);
  const std::vector<std::string> cells{"C-1", cell};
  const mapped_row row = bound.value().map(cells);
  if (!row.faults.empty()) return row.faults.front().code;
  return row.fields.empty() ? "" : row.fields.begin()->second.json;
}

}  // namespace

TEST_CASE("mapping: numbers keep the digits of the file") {
  const field_spec limit = field("metadata.limit", "A", field_type::decimal);
  CHECK(mapped(limit, "1200.50") == "1200.50");
  CHECK(mapped(limit, "1.234.567,80", true) == "1234567.80");
  CHECK(mapped(limit, "1'234,5", true) == "1234.5");
  CHECK(mapped(limit, "007") == "7");
  CHECK(mapped(limit, "0") == "0");
  CHECK(mapped(limit, "0.50") == "0.50");
  CHECK(mapped(limit, "12.50-") == "-12.50");
  CHECK(mapped(limit, "1.2.3") == "CELL_NOT_A_NUMBER");
  CHECK(mapped(limit, "12,34.5") == "CELL_NOT_A_NUMBER");
  CHECK(mapped(limit, "abc") == "CELL_NOT_A_NUMBER");
  CHECK(mapped(limit, "1e5") == "CELL_NOT_A_NUMBER");
  CHECK(mapped(field("metadata.n", "A", field_type::integer), "1.5") == "CELL_NOT_A_NUMBER");
}

TEST_CASE("mapping: dates are checked against the calendar") {
  field_spec date = field("metadata.at", "A", field_type::date);
  CHECK(mapped(date, "2024-02-29") == "\"2024-02-29\"");
  CHECK(mapped(date, "2023-02-29") == "CELL_NOT_A_DATE");
  date.format = "%Y%m%d";
  CHECK(mapped(date, "20261123") == "\"2026-11-23\"");
  CHECK(mapped(date, "20261323") == "CELL_NOT_A_DATE");
  CHECK(mapped(date, "2026112") == "CELL_NOT_A_DATE");
  field_spec time = field("metadata.at", "A", field_type::datetime);
  CHECK(mapped(time, "2026-11-23T02:15:00+01:00") == "\"2026-11-23T01:15:00Z\"");
  time.format = "%d.%m.%Y %H:%M";
  CHECK(mapped(time, "23.11.2026 00:05") == "\"2026-11-23T00:05:00Z\"");
}

TEST_CASE("mapping: map is looked up first, then empty speaks") {
  field_spec blocked = field("metadata.blocked", "A", field_type::boolean);
  blocked.map = {{"X", value{"true"}}, {"", value{"false"}}};
  CHECK(mapped(blocked, "X") == "true");
  CHECK(mapped(blocked, "") == "false");
  field_spec note = field("metadata.note", "A");
  CHECK(mapped(note, "") == "");
  note.empty = empty_rule::clear;
  CHECK(mapped(note, "") == "null");
  field_spec tags = field("tags", "A");
  tags.kind = field_kind::tags;
  tags.empty = empty_rule::clear;
  CHECK(mapped(tags, "") == "[]");
}

TEST_CASE("mapping: transforms know Unicode") {
  field_spec email = field("email", "A");
  email.transforms = {transform::trim, transform::lower};
  CHECK(mapped(email, "  JÜRGEN@X.IT\xC2\xA0") == "\"jürgen@x.it\"");
  CHECK(mapped(email, "no address") == "EMAIL_INVALID");
  field_spec name = field("metadata.name", "A");
  name.transforms = {transform::nfc, transform::collapse};
  CHECK(mapped(name, "Cafe\xCC\x81   x") == "\"Café x\"");
}

TEST_CASE("mapping: a sensitive cell is not shown in its fault") {
  field_spec secret = field("metadata.pin", "A", field_type::integer);
  secret.sensitive = true;
  mapping_spec mapping;
  mapping.key_column = "K";
  mapping.fields = {secret};
  const std::vector<std::string> header{"K", "A"};
  const auto bound = bound_mapping::bind(mapping, header, json_as_is);
  const std::vector<std::string> cells{"C-1", "hunter2"};
  const mapped_row row = bound.value().map(cells);
  REQUIRE(row.faults.size() == 1);
  CHECK(row.faults.front().message.find("hunter2") == std::string::npos);
}

TEST_CASE("mapping: a mapped column must stand in the header exactly once") {
  mapping_spec mapping;
  mapping.key_column = "KUNNR";
  const std::vector<std::string> misspelt{"KUNRN", "A"};
  const auto missing = bound_mapping::bind(mapping, misspelt, json_as_is);
  CHECK(missing.error().code == "COLUMN_MISSING");
  CHECK(missing.error().message.find("did you mean KUNRN?") != std::string::npos);
  const std::vector<std::string> twice{"KUNNR", "KUNNR"};
  CHECK(bound_mapping::bind(mapping, twice, json_as_is).error().code == "COLUMN_DUPLICATE");
}

TEST_CASE("mapping: an empty key is a fault of its column") {
  mapping_spec mapping;
  mapping.key_column = "K";
  const std::vector<std::string> header{"K"};
  const auto bound = bound_mapping::bind(mapping, header, json_as_is);
  const std::vector<std::string> cells{"  "};
  CHECK(bound.value().map(cells).faults.front().code == "KEY_EMPTY");
}
