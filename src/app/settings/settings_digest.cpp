#include <array>
#include <cstdio>

#include "patchbay/app/settings_parts.hpp"
#include "patchbay/model/fingerprint.hpp"

namespace patchbay {
namespace {

/// Names and values, each with its length, so that no two configurations have one text.
class digest_text {
 public:
  void put(std::string_view name, std::string_view text) {
    out_ += name;
    out_ += ':';
    out_ += std::to_string(text.size());
    out_ += ':';
    out_ += text;
    out_ += '\n';
  }
  void put(std::string_view name, std::int64_t number) { put(name, std::to_string(number)); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void put(std::string_view name, Enum word) { put(name, static_cast<std::int64_t>(word)); }
  void put(std::string_view name, const budget_limit& limit) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.12g", limit.share);
    put(name, limit.is_share ? std::string(text.data()) + "%" : std::to_string(limit.number));
  }

  /// Not a secret and not against an adversary: it tells a changed configuration from the same.
  [[nodiscard]] std::string hex() const {
    const fingerprint print = fingerprinter("patchbay configuration, digest 1").of_record(out_);
    std::array<char, 33> text{};
    std::snprintf(text.data(), text.size(), "%016llx%016llx",
                  static_cast<unsigned long long>(print.high),
                  static_cast<unsigned long long>(print.low));
    return text.data();
  }

 private:
  std::string out_;
};

void put_transforms(digest_text& text, const std::vector<transform>& steps) {
  for (const transform step : steps) text.put("transform", step);
}

void put_field(digest_text& text, const field_spec& field) {
  text.put("field", field.name);
  for (const std::string& column : field.columns) text.put("column", column);
  text.put("separator", field.separator);
  if (field.fixed) text.put("value", *field.fixed);
  text.put("type", field.type);
  text.put("format", field.format);
  put_transforms(text, field.transforms);
  for (const auto& [cell, mapped] : field.map) {
    text.put("map", cell);
    text.put("to", mapped.json);
  }
  text.put("empty", field.empty);
  text.put("lookup", std::int64_t{field.lookup_code});
  text.put("sensitive", std::int64_t{field.sensitive});
  text.put("initial", std::int64_t{field.initial_send});
}

void put_detectors(digest_text& text, const accident_spec& accidents) {
  const auto put = [&text](std::string_view name, const std::optional<double>& share) {
    text.put(name, budget_limit{.share = share.value_or(-1)});
  };
  text.put("COLUMN_VANISHED", std::int64_t{accidents.column_vanished});
  text.put("COLUMN_APPEARED", std::int64_t{accidents.column_appeared});
  text.put("VALUES_EQUAL", std::int64_t{accidents.values_equal});
  text.put("KEY_CHANGED", std::int64_t{accidents.key_changed});
  put("EMPTINESS_JUMPED", accidents.emptiness_jumped);
  put("ENCODING_TURNED", accidents.encoding_turned);
  put("ROWS_FELL", accidents.rows_fell);
}

digest_text mapping_text(const api_spec& api, const job_spec& job) {
  digest_text text;
  text.put("api", api.base_url);
  text.put("job", job.name);
  text.put("delimiter", std::string_view(&job.source.csv.delimiter, 1));
  text.put("quote", std::string_view(&job.source.csv.quote, 1));
  text.put("escape", std::string_view(&job.source.csv.escape, 1));
  text.put("comment", std::string_view(&job.source.csv.comment, 1));
  text.put("encoding", job.source.csv.encoding);
  text.put("decimal_comma", std::int64_t{job.source.csv.decimal_comma});
  text.put("match", job.mapping.by);
  text.put("key", job.mapping.key_column);
  put_transforms(text, job.mapping.key_transforms);
  for (const field_spec& field : job.mapping.fields) put_field(text, field);
  text.put("metadata", job.mapping.metadata);
  return text;
}

}  // namespace

std::string mapping_digest(const api_spec& api, const job_spec& job) {
  return mapping_text(api, job).hex();
}

std::string plan_digest(const api_spec& api, const job_spec& job) {
  digest_text text = mapping_text(api, job);
  text.put("mode", job.source.mode);
  text.put("changes", job.budgets.changes);
  text.put("rejects", job.budgets.rejects);
  text.put("absent", job.budgets.absent);
  put_detectors(text, job.budgets.accidents);
  for (const auto& [name, budget] : job.budgets.fields) {
    text.put("budget", name);
    if (budget.changes) text.put("field changes", *budget.changes);
    if (budget.clears) text.put("field clears", *budget.clears);
  }
  return text.hex();
}

}  // namespace patchbay
