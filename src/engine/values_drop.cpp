#include "patchbay/engine/values_drop.hpp"

#include <algorithm>

namespace patchbay {
namespace {

constexpr std::string_view adopt_column = "patchbay_adopt";
constexpr std::string_view revert_column = "patchbay_revert";

std::string in_quotes(std::string_view cell) {
  std::string text = "\"";
  for (const char c : cell) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

field_spec as_written(const field_spec& field, drop_origin origin) {
  field_spec made;
  made.name = field.name;
  made.kind = field.kind;
  made.path = field.path;
  made.lookup_code = field.lookup_code;
  if (origin == drop_origin::revert) made.columns = {field.name};
  made.sensitive = field.sensitive;
  made.type = field_type::json;
  return made;
}

std::optional<drop_origin> values_origin(std::span<const std::string> header) {
  if (header.empty()) return std::nullopt;
  if (header.front() == adopt_column) return drop_origin::adopt;
  if (header.front() == revert_column) return drop_origin::revert;
  return std::nullopt;
}

/// The job as our own drops speak to it: its budgets hold; an accident of an export cannot be.
job_spec values_job(const job_spec& job, drop_origin origin) {
  job_spec made = job;
  made.source.mode = drop_mode::delta;
  made.source.csv = values_dialect();
  made.mapping.key_column = origin == drop_origin::adopt ? adopt_column : revert_column;
  made.mapping.key_transforms.clear();
  made.mapping.decimal_comma = false;
  std::erase_if(made.mapping.fields, [](const field_spec& one) { return !one.readable(); });
  for (field_spec& field : made.mapping.fields) field = as_written(field, origin);
  made.mapping_digest += made.mapping.key_column;
  return made;
}

}  // namespace

csv_spec values_dialect() {
  return {};
}

bool can_be_said_again(const field_spec& field) {
  return field.readable() && !field.sensitive;
}

std::string adopt_header() {
  return std::string(adopt_column) + '\n';
}

std::string adopt_row(std::string_view key) {
  return in_quotes(key) + '\n';
}

std::string revert_header(const job_spec& job) {
  std::string text(revert_column);
  for (const field_spec& field : job.mapping.fields) {
    if (field.readable()) text += ',' + in_quotes(field.name);
  }
  return text + '\n';
}

std::string revert_row(const job_spec& job, std::string_view key, const put_backs& fields) {
  std::string text = in_quotes(key);
  for (const field_spec& field : job.mapping.fields) {
    if (!field.readable()) continue;
    text += ',';
    const auto said = fields.find(field.name);
    if (said != fields.end()) text += in_quotes(cell_of(said->second).json);
  }
  return text + '\n';
}

drop_origin origin_of(const pickup_parts& parts, const std::filesystem::path& drop) {
  if (parts.values_opener != nullptr) {
    const auto opened = parts.values_opener->open(drop);
    if (opened) {
      if (const auto ours = values_origin((*opened)->header())) return *ours;
    }
  }
  const auto opened = parts.intake.opener.open(drop);
  const bool corrects = opened && holds_corrections((*opened)->header());
  return corrects ? drop_origin::correction : drop_origin::erp;
}

drop_reading reading_of(const pickup_parts& parts, const job_spec& job, drop_origin origin) {
  const bool readable = parts.values_opener != nullptr && parts.values_lines != nullptr;
  if (!is_values_drop(origin) || !readable) return {job, parts.intake};
  const intake_parts& all = parts.intake;
  return {values_job(job, origin),
          {all.store, all.store_lane, all.rows, *parts.values_opener, *parts.values_lines, all.api,
           all.sealing, all.time, all.watcher, all.base_path, all.make_spool}};
}

}  // namespace patchbay
