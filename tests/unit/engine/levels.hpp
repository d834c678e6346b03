// What the tests of engine/'s pure parts are made of: a mapping with one field of each kind, a
// seal that hides nothing from a test, and short ways to write levels.
#pragma once

#include <string>
#include <string_view>

#include "patchbay/model/job.hpp"
#include "patchbay/port/seal.hpp"

namespace patchbay {

inline value text(std::string_view written) {
  return string_value(written);
}
inline value json(std::string_view written) {
  return value{std::string(written)};
}

/// Readable for a test, and still two different forms.
class glass_seal final : public seal {
 public:
  value veil(const value& plain) const override { return string_value("#" + plain.json); }
  std::string close(const value& plain) const override { return "sealed:" + plain.json; }
  result<value> open(std::string_view sealed) const override {
    constexpr std::string_view mark = "sealed:";
    if (!sealed.starts_with(mark)) return fault{"SEAL_BROKEN", "the key is another one"};
    return value{std::string(sealed.substr(mark.size()))};
  }
};

inline field_spec field_named(const std::string& name, field_kind kind) {
  field_spec spec;
  spec.name = name;
  spec.kind = kind;
  spec.columns = {"COL_" + name};
  return spec;
}

/// email, password (sensitive), tags, metadata.limit, metadata.erp.class, customer_group by code.
inline mapping_spec mapping_of_each_kind() {
  mapping_spec mapping;
  mapping.fields.push_back(field_named("email", field_kind::attribute));
  mapping.fields.push_back(field_named("password", field_kind::password));
  mapping.fields.back().sensitive = true;
  mapping.fields.push_back(field_named("tags", field_kind::tags));
  mapping.fields.push_back(field_named("metadata.limit", field_kind::metadata));
  mapping.fields.back().path = {"limit"};
  mapping.fields.push_back(field_named("metadata.erp.class", field_kind::metadata));
  mapping.fields.back().path = {"erp", "class"};
  mapping.fields.push_back(field_named("customer_group", field_kind::customer_group));
  mapping.fields.back().lookup_code = true;
  return mapping;
}

inline customer_levels customer_c1() {
  customer_levels known;
  known.job = "erp";
  known.key = "C-1";
  known.id = "aaaaaaaaab";
  known.acknowledged = {{"email", text("a@x.it")}, {"metadata.limit", json("100")}};
  return known;
}

inline wanted_row wants(field_values fields) {
  wanted_row row;
  row.drop = 7;
  row.line = 12;
  row.fields = std::move(fields);
  return row;
}

}  // namespace patchbay
