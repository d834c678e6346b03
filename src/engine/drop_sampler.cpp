#include "drop_sampler.hpp"

#include <algorithm>

#include "patchbay/model/text.hpp"

namespace patchbay::intake {
namespace {

/// About this much of a drop is looked at: some ten thousand rows.
constexpr std::int64_t sampled_bytes = 2 << 20;

bool is_mapped(const mapping_spec& mapping, const std::string& column) {
  return column == mapping.key_column ||
         std::any_of(mapping.fields.begin(), mapping.fields.end(), [&](const field_spec& spec) {
           return std::find(spec.columns.begin(), spec.columns.end(), column) != spec.columns.end();
         });
}

}  // namespace

drop_sampler::drop_sampler(const std::vector<std::string>& header, const mapping_spec& mapping,
                           std::int64_t bytes)
    : stride_(1 + bytes / sampled_bytes) {
  for (std::size_t index = 0; index < header.size(); ++index) {
    made_.columns.emplace(header[index], std::nullopt);
    if (is_mapped(mapping, header[index])) columns_.push_back({header[index], index, {}, {}});
  }
}

void drop_sampler::look_at(const drop_reader& reader, std::string_view record) {
  const auto cells = reader.split(record);
  if (!cells) {
    // A row of another shape is a reject; it says something of the drop only by its encoding.
    if (cells.error().code != "CSV_ENCODING") return;
    ++made_.sampled;
    ++made_.damaged;
    return;
  }
  bool damaged = false;
  for (column& one : columns_) {
    const std::string& cell = (*cells)[one.index];
    if (!one.first) one.first = cell;
    if (trimmed(cell).empty()) ++one.seen.empty;
    if (cell != *one.first) one.seen.equal = false;
    damaged = damaged || looks_misread(cell);
  }
  ++made_.sampled;
  if (damaged) ++made_.damaged;
}

drop_profile drop_sampler::profile(std::int64_t rows) const {
  drop_profile taken = made_;
  taken.rows = rows;
  for (const column& one : columns_) taken.columns[one.name] = one.seen;
  return taken;
}

}  // namespace patchbay::intake
