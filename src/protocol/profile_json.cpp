#include "patchbay/protocol/profile_json.hpp"

#include <charconv>

#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

value number(std::int64_t amount) {
  return value{std::to_string(amount)};
}

std::optional<std::int64_t> number_at(const field_values& members, std::string_view name) {
  const auto found = members.find(name);
  if (found == members.end()) return std::nullopt;
  const std::string& text = found->second.json;
  std::int64_t amount = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return amount;
}

std::optional<column_profile> parse_column(const value& written) {
  const result<field_values> members = parse_values(written.json);
  if (!members) return std::nullopt;
  const auto empty = number_at(*members, "empty");
  const auto equal = members->find("equal");
  if (!empty || equal == members->end()) return std::nullopt;
  return column_profile{*empty, equal->second.json == "true"};
}

}  // namespace

std::string profile_json(const drop_profile& profile) {
  field_values columns;
  for (const auto& [name, column] : profile.columns) {
    value& written = columns.emplace(name, null_value()).first->second;
    if (!column) continue;
    written.json = write_values(
        {{"empty", number(column->empty)}, {"equal", value{column->equal ? "true" : "false"}}});
  }
  return write_values({{"columns", value{write_values(columns)}},
                       {"damaged", number(profile.damaged)},
                       {"rows", number(profile.rows)},
                       {"sampled", number(profile.sampled)}});
}

std::optional<drop_profile> parse_profile(std::string_view json) {
  const result<field_values> members = parse_values(json);
  if (!members) return std::nullopt;
  const auto rows = number_at(*members, "rows");
  const auto sampled = number_at(*members, "sampled");
  const auto damaged = number_at(*members, "damaged");
  const auto listed = members->find("columns");
  if (!rows || !sampled || !damaged || listed == members->end()) return std::nullopt;
  const result<field_values> columns = parse_values(listed->second.json);
  if (!columns) return std::nullopt;
  drop_profile profile{.rows = *rows, .sampled = *sampled, .damaged = *damaged, .columns = {}};
  for (const auto& [name, written] : *columns) {
    profile.columns.emplace(name, is_null(written) ? std::nullopt : parse_column(written));
  }
  return profile;
}

}  // namespace patchbay
