// Cells of any text become values that are JSON, or faults that name their column.
#include <vector>

#include "fuzz_target.hpp"
#include "patchbay/model/mapping.hpp"
#include "patchbay/model/text.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace {

using namespace patchbay;

mapping_spec every_type() {
  mapping_spec spec;
  spec.key_column = "key";
  spec.decimal_comma = true;
  const auto add = [&spec](const char* name, field_type type, const char* format = "") {
    field_spec field;
    field.name = std::string("metadata.") + name;
    field.kind = field_kind::metadata;
    field.path = {name};
    field.columns = {name};
    field.type = type;
    field.format = format;
    field.transforms = {transform::trim, transform::collapse, transform::nfc};
    spec.fields.push_back(field);
  };
  add("text", field_type::string);
  add("whole", field_type::integer);
  add("number", field_type::decimal);
  add("truth", field_type::boolean);
  add("day", field_type::date, "%d.%m.%y");
  add("moment", field_type::datetime);
  add("json", field_type::json);
  return spec;
}

std::vector<std::string> cells_of(const std::string& text, std::size_t count) {
  std::vector<std::string> cells(1);
  for (const char c : text) {
    if (c == '\x1F' && cells.size() < count) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  cells.resize(count);
  return cells;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const mapping_spec spec = every_type();
  static const std::vector<std::string> header{"key",   "text", "whole",  "number",
                                               "truth", "day",  "moment", "json"};
  static const auto mapping = bound_mapping::bind(spec, header, &canonical_json);
  const std::string text = fuzz::text_of(bytes, size);
  if (!valid_utf8(text)) return 0;
  const mapped_row row = mapping->map(cells_of(text, header.size()));
  for (const auto& [name, made] : row.fields) {
    const auto again = canonical_json(made.json);
    fuzz::promise(again.has_value(), "a value is JSON");
  }
  for (const cell_fault& why : row.faults) {
    fuzz::promise(!why.code.empty() && !why.column.empty(), "a fault names its column");
    fuzz::promise(valid_utf8(why.message), "a message is text");
  }
  return 0;
}
