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
  out.open_list("unknown");
  for (const unknown_field& one : told.unknown) {
    out.open();
    out.text("key", one.key);
    out.text_or_null("id", one.id);
    out.text_or_null("field", one.field);
    out.text("why", one.why);
    out.close();
  }
  out.close_list();
  out.close();
  return out.line();
}

namespace {

std::string drifted_text(const drift_report& told) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t at = 0; at < std::min(told.drifted.size(), most_listed); ++at) {
    const drifted_field& one = told.drifted[at];
    rows.push_back({clipped(printable(one.key), 24), clipped(printable(one.field), 30),
                    clipped(shown(one.acknowledged, "(not shown)"), 26) + " → " +
                        shown(one.actual, "(not shown)")});
  }
  return "\nWritten by others since the API confirmed it\n" + table(rows, 2) +
         more(told.drifted.size());
}

std::string missing_text(const drift_report& told) {
  std::string out = "\nGone from the API\n";
  for (std::size_t at = 0; at < std::min(told.missing.size(), most_listed); ++at) {
    out += "  " + clipped(printable(told.missing[at]), report_columns - 2) + "\n";
  }
  return out + more(told.missing.size()) +
         "Deleted, or made anew under another id: patchbay adopt forgets the id, and the ERP's "
         "next "
         "drop\nof the customer looks its key up again.\n";
}

std::string unknown_text(const drift_report& told) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t at = 0; at < std::min(told.unknown.size(), most_listed); ++at) {
    const unknown_field& one = told.unknown[at];
    rows.push_back({clipped(printable(one.key), 24),
                    one.field.empty() ? "(all)" : clipped(printable(one.field), 30), one.why});
  }
  return "\nUnknown to us: nothing to compare with\n" + table(rows, 2) + more(told.unknown.size());
}

}  // namespace

std::string drift_text(const drift_report& told) {
  std::string out = printable(told.job) + ": " + counted(told.checked, "customer", "customers") +
                    " checked, " + grouped(told.in_sync) + " in sync, " +
                    grouped(told.drifted_customers) + " drifted, " +
                    grouped(static_cast<std::int64_t>(told.missing.size())) + " missing, " +
                    grouped(told.unknown_customers) + " unknown\n";
  if (!told.drifted.empty()) out += drifted_text(told);
  if (!told.missing.empty()) out += missing_text(told);
  if (!told.unknown.empty()) out += unknown_text(told);
  if (told.drifted.empty()) return out;
  const bool hidden = std::any_of(told.drifted.begin(), told.drifted.end(),
                                  [](const drifted_field& one) { return one.hidden; });
  return out +
         "\nWhat others wrote stays until the ERP says something new of that very field. To send "
         "back\nwhat the ERP says: patchbay adopt -n (the plan), then patchbay adopt.\n" +
         (hidden
              ? "Hidden values are kept as a hash: after adopt the ERP's next drop of the customer "
                "sends them.\n"
              : "");
}

}  // namespace patchbay
