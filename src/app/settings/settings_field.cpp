#include <algorithm>

#include "patchbay/app/settings_parts.hpp"

namespace patchbay {
namespace {

struct columns_value {
  [[nodiscard]] std::string expected() const { return "a list of at least two header names"; }

  config_reading<std::vector<std::string>> operator()(const config_node& node) const {
    config_reading<std::vector<std::string>> made{.expected = expected()};
    if (node.is != config_node::kind::sequence) {
      made.code = "CONFIG_WRONG_TYPE";
      return made;
    }
    std::vector<std::string> names;
    for (const config_node& element : node.elements) {
      if (element.is != config_node::kind::scalar || element.text.empty()) {
        made.why = "expected a list of header names, found " + found_text(element) + " in it";
        return made;
      }
      names.push_back(element.text);
    }
    if (names.size() < 2) {
      made.why = "expected at least two header names; for one, write column: NAME";
      return made;
    }
    made.value = std::move(names);
    return made;
  }
};

/// Where the cell comes from: one of column, columns, value.
void read_origin(config_section& section, field_spec& into) {
  std::string text;
  if (section.read("column", text, text_value{"a header name"})) into.columns = {text};
  section.read("columns", into.columns, columns_value{});
  if (section.read("value", text, text_value{"the text to send for every row", true})) {
    into.fixed = text;
  }
  section.read("separator", into.separator, text_value{"text", true});
  const int origins = int{section.present("column")} + int{section.present("columns")} +
                      int{section.present("value")};
  if (origins == 0 && !section.broken()) {
    section.notes().add(
        {.code = "CONFIG_MISSING",
         .message = section.name() + " has no source: expected column: NAME, columns: [A, B] or "
                                     "value: TEXT",
         .key = section.full_name("column"),
         .expected = "column, columns or value"},
        section.place());
  } else if (origins > 1) {
    section.notes().add(section.place(), "CONFIG_VALUE", section.name(),
                        section.name() + ": only one of column, columns and value can be given");
  }
  if (section.present("separator") && !section.present("columns")) {
    section.refuse("separator", "it stands between several columns: give columns: [A, B]");
  }
}

bool type_fits(const field_spec& field) {
  switch (field.kind) {
    case field_kind::metadata:
      return true;
    case field_kind::gdpr_trigger:
      return field.type == field_type::boolean;
    case field_kind::attribute:
      return field.type == field_type::string || field.type == field_type::date ||
             field.type == field_type::datetime;
    case field_kind::password:
    case field_kind::customer_group:
    case field_kind::tags:
      return field.type == field_type::string;
  }
  return false;
}

/// The directives that model/mapping reads.
void check_format(const config_section& section, const std::string& format) {
  constexpr std::string_view directives = "YymdHMSz%";
  bool any = false;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    any = true;
    if (++i < format.size() && directives.find(format[i]) != std::string_view::npos) continue;
    section.refuse("format", "\"" + format + "\" holds more than %Y %y %m %d %H %M %S %z and %%");
    return;
  }
  if (!any) {
    section.refuse("format", "expected a format such as \"%Y%m%d\", found \"" + format + "\"");
  }
}

void read_type(config_section& section, field_spec& into) {
  section.read("type", into.type,
               choice_value<field_type>{{{"string", field_type::string},
                                         {"integer", field_type::integer},
                                         {"decimal", field_type::decimal},
                                         {"boolean", field_type::boolean},
                                         {"date", field_type::date},
                                         {"datetime", field_type::datetime},
                                         {"json", field_type::json}}});
  if (section.present("type") && !type_fits(into)) {
    section.refuse("type",
                   into.kind == field_kind::gdpr_trigger
                       ? "a GDPR trigger is a boolean"
                       : "the API holds " + into.name + " as text; other types are for metadata");
  }
  const bool dated = into.type == field_type::date || into.type == field_type::datetime;
  if (section.read("format", into.format, text_value{"a format such as \"%Y%m%d\""})) {
    if (!dated) section.refuse("format", "it is for the types date and datetime");
    check_format(section, into.format);
  }
}

}  // namespace

void read_field(config_section section, field_spec& into) {
  read_origin(section, into);
  read_type(section, into);
  section.read("transform", into.transforms, transforms_value{});
  if (section.present("map")) {
    read_value_map(section.section("map"), into, into.map);
  } else {
    section.know("map");
  }
  if (section.present("lookup")) {
    std::string lookup;
    const bool read = section.read("lookup", lookup, choice_value<std::string>{{{"code", "code"}}});
    into.lookup_code = read;
    if (into.kind != field_kind::customer_group) {
      section.refuse("lookup", "it is for customer_group, whose cells hold a code");
    }
  } else {
    section.know("lookup");
  }
  bool sensitive = into.sensitive;
  section.read("sensitive", sensitive, truth_value{});
  if (into.kind == field_kind::password && !sensitive) {
    section.refuse("sensitive", "a password is always sensitive: take this key away");
  }
  const bool text = into.kind == field_kind::attribute || into.kind == field_kind::metadata ||
                    into.kind == field_kind::password;
  if (sensitive && !text) {
    section.refuse("sensitive", "only attributes, metadata and the password can be sensitive");
  }
  into.sensitive = sensitive || into.kind == field_kind::password;
  std::string initial;
  if (section.read("initial", initial, choice_value<std::string>{{{"send", "send"}}})) {
    into.initial_send = true;
    if (into.readable()) {
      section.refuse("initial", "it is for fields that cannot be read back (password); " +
                                    into.name + " is read from the API and compared");
    }
  }
  section.finish();
}

}  // namespace patchbay
