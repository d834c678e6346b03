#include "patchbay/engine/values_drop.hpp"

#include <algorithm>

namespace patchbay {
namespace {

constexpr std::string_view adopt_column = "patchbay_adopt";
constexpr std::string_view revert_column = "patchbay_revert";

/// No line of the ERP's is known here, and none becomes known: whoever speaks in a drop of ours is
/// compared row by row.
class no_lines final : public line_set {
 public:
  [[nodiscard]] std::size_t size() const override { return 0; }
  [[nodiscard]] std::optional<std::size_t> find(fingerprint) const override { return std::nullopt; }
  [[nodiscard]] std::optional<std::size_t> find_customer(fingerprint, std::size_t) const override {
    return std::nullopt;
  }
  void find_each(std::span<const fingerprint>, std::span<std::size_t> places,
                 std::size_t&) const override {
    std::fill(places.begin(), places.end(), nowhere);
  }
  [[nodiscard]] bool has_values(std::size_t, fingerprint) const override { return false; }
  result<void> remove(std::span<const fingerprint>) override { return {}; }
  result<void> insert(std::span<const known_line>) override { return {}; }
};

std::string in_quotes(std::string_view cell) {
  std::string text = "\"";
  for (const char c : cell) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

field_spec as_written(const field_spec& field) {
  field_spec made;
  made.name = field.name;
  made.kind = field.kind;
  made.path = field.path;
  made.lookup_code = field.lookup_code;
  made.columns = {field.name};
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
  std::erase_if(made.mapping.fields, [](const field_spec& one) { return !can_be_said_again(one); });
  for (field_spec& field : made.mapping.fields) field = as_written(field);
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

std::string values_header(const job_spec& job, drop_origin origin) {
  std::string text(origin == drop_origin::adopt ? adopt_column : revert_column);
  for (const field_spec& field : job.mapping.fields) {
    if (can_be_said_again(field)) text += ',' + in_quotes(field.name);
  }
  return text + '\n';
}

std::string values_row(const job_spec& job, std::string_view key, const field_values& fields) {
  std::string text = in_quotes(key);
  for (const field_spec& field : job.mapping.fields) {
    if (!can_be_said_again(field)) continue;
    text += ',';
    const auto said = fields.find(field.name);
    if (said != fields.end()) text += in_quotes(said->second.json);
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
  if (!is_values_drop(origin) || parts.values_opener == nullptr) return {job, parts.intake};
  static no_lines none;
  const intake_parts& all = parts.intake;
  return {values_job(job, origin),
          {all.store, all.store_lane, all.rows, *parts.values_opener, none, all.api, all.sealing,
           all.time, all.watcher, all.base_path, all.make_spool}};
}

}  // namespace patchbay
