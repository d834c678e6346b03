#include "patchbay/adapter/report/drift_text.hpp"

#include <algorithm>

#include "json_writer.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_listed = 50;

std::string more(std::size_t all) {
  if (all <= most_listed) return {};
  return "  … and " + grouped(static_cast<std::int64_t>(all - most_listed)) + " more: --json\n";
}

}  // namespace

std::string drift_json(const drift_report& told) {
  json_writer out;
  out.open();
  out.number("schema_version", 1);
  out.text("job", told.job);
  out.number("checked", told.checked);
  out.number("in_sync", told.in_sync);
  out.open_list("drifted");
  for (const drifted_field& one : told.drifted) {
    out.open();
    out.text("key", one.key);
    out.text("id", one.id);
    out.text("field", one.field);
    out.raw("acknowledged", one.acknowledged);
    out.raw("actual", one.actual.value_or(null_value()));
    out.close();
  }
  out.close_list();
  out.open_list("missing");
  for (const std::string& key : told.missing) out.element(key);
  out.close_list();
  out.close();
  return out.line();
}

std::string drift_text(const drift_report& told) {
  const auto missing = static_cast<std::int64_t>(told.missing.size());
  const std::int64_t drifted = told.checked - told.in_sync - missing;
  std::string out = printable(told.job) + ": " + counted(told.checked, "customer", "customers") +
                    " read, " + grouped(told.in_sync) + " in sync, " + grouped(drifted) +
                    " drifted, " + grouped(missing) + " missing\n";
  if (!told.drifted.empty()) {
    out += "\nWritten by others since the API confirmed it\n";
    std::vector<std::vector<std::string>> rows;
    for (std::size_t at = 0; at < std::min(told.drifted.size(), most_listed); ++at) {
      const drifted_field& one = told.drifted[at];
      rows.push_back({clipped(printable(one.key), 24), clipped(printable(one.field), 30),
                      clipped(shown(one.acknowledged, "(not shown)"), 26) + " → " +
                          shown(one.actual, "(not shown)")});
    }
    out += table(rows, 2) + more(told.drifted.size());
  }
  if (!told.missing.empty()) {
    out += "\nGone from the API\n";
    for (std::size_t at = 0; at < std::min(told.missing.size(), most_listed); ++at) {
      out += "  " + clipped(printable(told.missing[at]), report_columns - 2) + "\n";
    }
    out += more(told.missing.size());
  }
  if (told.drifted.empty()) return out;
  return out +
         "\nA drop says nothing of what others write: the next row of such a customer that "
         "changes\nbrings its own fields back, the others stay as they are.\n";
}

}  // namespace patchbay
