#include "patchbay/model/mapping.hpp"

#include <algorithm>
#include <utility>

#include "cell_value.hpp"
#include "patchbay/model/nearest.hpp"
#include "patchbay/model/text.hpp"

namespace patchbay {
namespace {

result<std::size_t> find_column(const std::string& name, std::span<const std::string> header) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    std::string message = "the header has no column " + name;
    if (const auto near = nearest(name, header)) message += "; did you mean " + *near + "?";
    return fault{"COLUMN_MISSING", message};
  }
  if (std::find(std::next(found), header.end(), name) != header.end()) {
    return fault{"COLUMN_DUPLICATE", "the column " + name + " stands twice in the header"};
  }
  return static_cast<std::size_t>(found - header.begin());
}

/// The cell as it may be shown: short, and never a sensitive one.
std::string shown(std::string_view cell, const field_spec& spec) {
  if (spec.sensitive) return "***";
  constexpr std::size_t most = 60;
  if (cell.size() <= most) return "\"" + std::string(cell) + "\"";
  std::size_t end = most;  // never in the middle of a character
  while ((static_cast<unsigned char>(cell[end]) & 0xC0U) == 0x80U) --end;
  return "\"" + std::string(cell.substr(0, end)) + "…\"";
}

}  // namespace

result<bound_mapping> bound_mapping::bind(const mapping_spec& spec,
                                          std::span<const std::string> header,
                                          json_canonicaliser json) {
  bound_mapping bound;
  bound.spec_ = &spec;
  bound.json_ = json;
  bound.header_.assign(header.begin(), header.end());
  const result<std::size_t> key = find_column(spec.key_column, header);
  if (!key) return key.error();
  bound.key_cell_ = *key;
  for (const field_spec& field : spec.fields) {
    source from;
    for (const std::string& column : field.columns) {
      const result<std::size_t> cell = find_column(column, header);
      if (!cell) return cell.error();
      from.cells.push_back(*cell);
    }
    bound.sources_.push_back(std::move(from));
  }
  return bound;
}

std::vector<std::size_t> bound_mapping::columns() const {
  std::vector<std::size_t> places{key_cell_};
  for (const source& from : sources_) {
    places.insert(places.end(), from.cells.begin(), from.cells.end());
  }
  return places;
}

std::optional<std::string_view> bound_mapping::plain_key(std::string_view cell) const {
  const bool as_it_is =
      std::all_of(spec_->key_transforms.begin(), spec_->key_transforms.end(),
                  [](transform step) { return step == transform::trim; }) &&
      !cell.empty() && cell.front() > ' ' && cell.back() > ' ' &&
      std::all_of(cell.begin(), cell.end(), [](char c) { return c >= ' ' && c < 0x7F; });
  return as_it_is ? std::optional(cell) : std::nullopt;
}

mapped_row bound_mapping::map(std::span<const std::string> cells) const {
  mapped_row row;
  row.key = transformed(cells[key_cell_], spec_->key_transforms);
  if (row.key.empty()) {
    row.faults.push_back({header_[key_cell_], "", "KEY_EMPTY", "the key column is empty"});
    return row;
  }
  for (std::size_t i = 0; i < spec_->fields.size(); ++i) {
    const field_spec& field = spec_->fields[i];
    std::string text;
    if (field.fixed) {
      text = *field.fixed;
    } else {
      for (const std::size_t cell : sources_[i].cells) {
        if (!text.empty() && !cells[cell].empty()) text += field.separator;
        text += cells[cell];
      }
    }
    text = transformed(text, field.transforms);
    if (const auto named = field.map.find(text); named != field.map.end()) {
      row.fields.emplace(field.name, named->second);
      continue;
    }
    if (text.empty()) {
      // Tags are a list: without any it is empty.
      const bool list = field.kind == field_kind::tags;
      value none = list ? value{"[]"} : null_value();
      if (field.empty == empty_rule::clear) row.fields.emplace(field.name, std::move(none));
      continue;
    }
    result<value> made = cell_value(text, field, spec_->decimal_comma, json_);
    if (made) {
      row.fields.emplace(field.name, std::move(*made));
      continue;
    }
    const std::string column = sources_[i].cells.empty() ? "" : header_[sources_[i].cells.front()];
    row.faults.push_back({column, field.name, made.error().code,
                          made.error().message + ", found " + shown(text, field)});
  }
  return row;
}

}  // namespace patchbay
