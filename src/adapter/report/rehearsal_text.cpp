#include "patchbay/adapter/report/rehearsal_text.hpp"

#include <chrono>
#include <vector>

#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "run_sections.hpp"

namespace patchbay {
namespace {

std::string verdict(const run_report& report) {
  const std::int64_t left = report.totals.pending + report.carried.pending;
  if (report.outcome == run_outcome::stopped) {
    return counted(left, "change", "changes") + " would be left at the deadline";
  }
  const std::int64_t refused = report.totals.rejected + report.carried.rejected;
  if (refused > 0) return counted(refused, "row", "rows") + " would be rejected";
  // Who is not known may need a PATCH, or none: nobody can say before the night has read him.
  if (left > 0) {
    if (report.requests.patch == 0) return "what would be sent is not known";
    return grouped(report.totals.applied + report.carried.applied) + " would be applied, of " +
           counted(left, "row", "rows") + " it is not known";
  }
  return report.requests.patch > 0 ? "everything would be applied" : "nothing would be sent";
}

std::string times(const run_report& report) {
  std::string lines = "begins " + day_text(report.started_at) + ", ends " +
                      day_text(report.finished_at) + " (" + span_text(report.estimate.seconds) +
                      ")\n";
  if (report.estimate.deadline) lines += "deadline " + day_text(*report.estimate.deadline) + "\n";
  return lines;
}

/// Whose limits the night was played with, and what to do where nobody knows.
std::string limits_line(const limits_entry& limits) {
  std::string text;
  for (const window_limit& one : limits.windows) {
    const double seconds = std::chrono::duration<double>(one.per).count();
    text += (text.empty() ? "" : ", ") + grouped(one.requests) + " in " + span_text(seconds);
  }
  text = "limits: " + text + ", ";
  switch (limits.source) {
    case limits_source::configured:
      return text + "as configured\n";
    case limits_source::token:
      return text + "the API's for a " + (*limits.test_mode ? "test" : "live") +
             " organization, as the last token said\n";
    case limits_source::assumed:
      return wrapped(text +
                         "ASSUMED: the live API's, because no token was seen yet. A test "
                         "organization gets half, and takes twice as long; the first sync tells "
                         "which it is",
                     0, report_columns);
  }
  return text;
}

std::string rows(const run_report& report) {
  std::vector<std::vector<std::string>> lines;
  const auto add = [&lines](const char* name, std::int64_t count, const char* meaning) {
    if (count > 0) lines.push_back({name, right_padded(grouped(count), 10), meaning});
  };
  lines.push_back({"rows read", right_padded(grouped(report.totals.read), 10), ""});
  add("  unchanged", report.totals.unchanged, "nothing to send");
  add("  applied", report.totals.applied, "the API would confirm them");
  add("  rejected", report.totals.rejected, "see below");
  add("  superseded", report.totals.superseded, "a later row overtakes them");
  add("  pending", report.totals.pending, "not done in this night, or not known");
  return table(lines, 0) + carried_line(report.carried);
}

}  // namespace

std::string rehearsal_text(const run_report& report) {
  // What never reaches the API needs no rehearsal: the dry run says it all.
  if (report.outcome == run_outcome::failed || report.outcome == run_outcome::held) {
    return run_text(report);
  }
  const std::string subject = printable(report.job) + " · " + printable(report.drop->file);
  const std::string said = ": rehearsed, " + verdict(report);
  std::string out = clipped(subject, report_columns - width_of(said)) + said + "\n" + times(report);
  if (report.limits) out += limits_line(*report.limits);
  if (!report.reason.empty()) out += "\n" + wrapped(report.reason, 2, report_columns);
  run_report sent = report;
  sent.estimate.requests = 0;  // nothing is estimated, it was played
  for (const std::string& section :
       {rows(report), changes_section(report), rejects_section(report), sending_section(sent)}) {
    if (!section.empty()) out += "\n" + section;
  }
  return out + "\n";
}

}  // namespace patchbay
