#include "patchbay/adapter/report/run_text.hpp"

#include <utility>

#include "patchbay/adapter/report/text_layout.hpp"
#include "run_sections.hpp"

namespace patchbay {
namespace {

std::string verdict_of(const run_report& report) {
  switch (report.outcome) {
    case run_outcome::done:
      if (!report.dry_run) {
        const bool any = report.totals.applied > 0 || report.carried.applied > 0;
        return any ? "done" : "done, nothing to change";
      }
      return report.totals.pending + report.carried.pending > 0
                 ? "dry run, nothing was sent"
                 : "dry run, nothing needs to be sent";
    case run_outcome::partial:
      return report.dry_run ? "dry run, some rows would be rejected" : "done, some rows rejected";
    case run_outcome::held:
      if (waits_behind(report)) return report.dry_run ? "dry run, the drop would wait" : "waits";
      return report.dry_run ? "dry run, over budget: the drop would be held"
                            : "held, this drop sent nothing";
    case run_outcome::stopped:
      return "stopped, the rest stays pending";
    case run_outcome::failed:
      return "failed";
  }
  return {};
}

std::string head_section(const run_report& report) {
  const std::string verdict = verdict_of(report);
  const std::string subject =
      printable(report.job) +
      (report.drop ? " · " + printable(report.drop->file) : std::string(" · older drops"));
  const std::size_t room = report_columns - width_of(verdict) - 2;
  std::string out = clipped(subject, room) + ": " + verdict + "\n";
  std::string when = report.run.empty() ? "" : "run " + report.run + " · ";
  if (report.started_at != wall_time{}) when += day_text(report.started_at);
  if (report.finished_at != wall_time{} && report.started_at != wall_time{}) {
    when += " · took " + took_text(report.started_at, report.finished_at);
  }
  out += clipped(when, report_columns) + "\n";
  if (report.drop && !report.drop->decision.empty()) {
    out += clipped(printable(report.drop->decision), report_columns) + "\n";
  }
  if (report.error) {
    out += "\n" + wrapped(printable(report.error->message) + " [" + report.error->code + "]", 2,
                          report_columns);
  } else if (!report.reason.empty()) {
    out += "\n" + wrapped(printable(report.reason), 2, report_columns);
  }
  return out;
}

std::string counts_of(const totals& rows) {
  std::string out = counted(rows.read, "row", "rows");
  const std::pair<std::int64_t, const char*> classes[] = {
      {rows.unchanged, " unchanged"},   {rows.applied, " applied"}, {rows.rejected, " rejected"},
      {rows.superseded, " superseded"}, {rows.held, " held"},       {rows.pending, " pending"}};
  for (const auto& [number, name] : classes) {
    if (number > 0) out += ", " + grouped(number) + name;
  }
  return out;
}

}  // namespace

std::string run_line(const run_report& report) {
  std::string out = report.drop ? printable(report.drop->file) : std::string("older drops");
  out += ": " + verdict_of(report);
  if (report.drop) out += ": " + counts_of(report.totals);
  const carried_counts& older = report.carried;
  if (older.in > 0) {
    out += "; older: " + grouped(older.applied) + " of " + grouped(older.in) + " applied";
  }
  if (report.error) out += " (" + printable(report.error->message) + ")";
  return out;
}

std::string run_text(const run_report& report) {
  std::string out = head_section(report);
  for (const std::string& section :
       {totals_section(report), changes_section(report), rejects_section(report),
        skipped_section(report), budgets_section(report), sending_section(report),
        next_section(report)}) {
    if (!section.empty()) out += "\n" + section;
  }
  return out + "\n";
}

}  // namespace patchbay
