#include <algorithm>

#include "patchbay/app/config_units.hpp"
#include "patchbay/app/settings_parts.hpp"
#include "patchbay/model/nearest.hpp"

namespace patchbay {
namespace {

/// `20%` of something, or how many.
struct budget_value {
  [[nodiscard]] std::string expected() const {
    return "a share such as 20%, or a whole number of customers or rows";
  }

  config_reading<budget_limit> operator()(const config_node& node) const {
    config_reading<budget_limit> made{.expected = expected()};
    if (node.is == config_node::kind::scalar) {
      if (const auto share = parse_share(node.text)) {
        made.value = budget_limit{.share = *share};
      } else if (const auto number = parse_whole(node.text); number && !node.quoted) {
        made.value = budget_limit{.is_share = false, .number = *number};
      }
    }
    if (!made.value) made.code = "CONFIG_WRONG_TYPE";
    return made;
  }
};

/// A detector: `off`, `on`, or the share that is still no accident.
struct detector_share {
  double otherwise;
  [[nodiscard]] std::string expected() const { return "off, on, or a share such as 10%"; }

  config_reading<std::optional<double>> operator()(const config_node& node) const {
    config_reading<std::optional<double>> made{.expected = expected()};
    if (node.is == config_node::kind::scalar) {
      if (node.text == "off" || node.text == "false") made.value = std::optional<double>();
      if (node.text == "on" || node.text == "true") made.value = otherwise;
      if (const auto share = parse_share(node.text)) made.value = share;
    }
    if (!made.value) made.code = "CONFIG_WRONG_TYPE";
    return made;
  }
};

struct detector_switch {
  [[nodiscard]] std::string expected() const { return "on or off"; }

  config_reading<bool> operator()(const config_node& node) const {
    config_reading<bool> made{.expected = expected()};
    if (node.is == config_node::kind::scalar) {
      if (node.text == "off" || node.text == "false") made.value = false;
      if (node.text == "on" || node.text == "true") made.value = true;
    }
    if (!made.value) made.code = "CONFIG_WRONG_TYPE";
    return made;
  }
};

void read_detectors(config_section& section, accident_spec& into) {
  section.read("COLUMN_VANISHED", into.column_vanished, detector_switch{});
  section.read("COLUMN_APPEARED", into.column_appeared, detector_switch{});
  section.read("VALUES_EQUAL", into.values_equal, detector_switch{});
  section.read("KEY_CHANGED", into.key_changed, detector_switch{});
  const accident_spec usual;
  section.read("EMPTINESS_JUMPED", into.emptiness_jumped, detector_share{*usual.emptiness_jumped});
  section.read("ENCODING_TURNED", into.encoding_turned, detector_share{*usual.encoding_turned});
  section.read("ROWS_FELL", into.rows_fell, detector_share{*usual.rows_fell});
}

void read_optional(config_section& section, std::string_view key,
                   std::optional<budget_limit>& into) {
  budget_limit limit;
  if (section.read(key, limit, budget_value{})) into = limit;
}

void note_unmapped(const config_section& fields, const config_member& written,
                   const std::vector<std::string>& mapped) {
  const std::string near = nearest(written.key, mapped).value_or("");
  fields.notes().add(
      {.code = "CONFIG_UNKNOWN_KEY",
       .message = fields.full_name(written.key) + ": this job maps no field of that name" +
                  (near.empty() ? "" : "; did you mean \"" + near + "\"?"),
       .key = fields.full_name(written.key),
       .nearest = near},
      written.place);
}

}  // namespace

void read_budgets(config_section section, const mapping_spec& mapping, budget_spec& into) {
  section.read("changes", into.changes, budget_value{});
  section.read("rejects", into.rejects, budget_value{});
  section.read("absent", into.absent, budget_value{});
  read_detectors(section, into.accidents);
  std::vector<std::string> mapped;
  for (const field_spec& field : mapping.fields) mapped.push_back(field.name);
  config_section fields = section.section("fields");
  for (const config_member& written : fields.members()) {
    if (std::find(mapped.begin(), mapped.end(), written.key) == mapped.end()) {
      fields.know(written.key);
      note_unmapped(fields, written, mapped);
      continue;
    }
    config_section limits = fields.section(written.key);
    field_budget& budget = into.fields[written.key];
    read_optional(limits, "changes", budget.changes);
    read_optional(limits, "clears", budget.clears);
    limits.finish();
  }
  section.finish();
}

}  // namespace patchbay
