#include "run_sections.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_examples = 3;
constexpr std::int64_t most_rejects = 20;
constexpr std::size_t value_width = 26;

std::string shown(const std::optional<value>& v) {
  if (!v) return "(unknown)";
  if (is_null(*v)) return "(nothing)";
  const std::string text = printable(plain_text(*v));
  if (text.empty()) return "\"\"";
  return clipped(text, value_width);
}

std::string place_of(const reject_entry& reject) {
  std::string place = printable(reject.file);
  if (reject.line > 0) place += ":" + std::to_string(reject.line);
  if (!reject.column.empty()) place += ":" + printable(reject.column);
  return place;
}

const char* unchanged_means(const drop_record& drop) {
  switch (drop.origin) {
    case drop_origin::adopt:
      return "as wanted, or waiting or refused in an older drop";
    case drop_origin::revert:
      return "left as they are";
    case drop_origin::erp:
    case drop_origin::correction:
      return "nothing to send";
  }
  return "";
}

void add_count(std::vector<std::vector<std::string>>& rows, const char* name, std::int64_t count,
               const char* meaning) {
  if (count == 0) return;
  rows.push_back({name, right_padded(grouped(count), 10), meaning});
}

}  // namespace

bool waits_behind(const run_report& report) {
  constexpr std::string_view code = "DROP_WAITS";
  return report.reason.starts_with(code) || (report.drop && report.drop->reason.starts_with(code));
}

std::string carried_line(const carried_counts& carried) {
  if (carried.in == 0) return {};
  std::string line = counted(carried.in, "change", "changes") +
                     " of older drops: " + grouped(carried.applied) + " applied";
  if (carried.rejected > 0) line += ", " + grouped(carried.rejected) + " rejected";
  if (carried.superseded > 0) line += ", " + grouped(carried.superseded) + " superseded";
  if (carried.pending > 0) line += ", " + grouped(carried.pending) + " pending";
  return line + "\n";
}

namespace {

std::string planned_line(const planned_counts& planned) {
  std::vector<std::string> parts;
  const auto add = [&](std::int64_t count, const char* one, const char* many) {
    if (count > 0) parts.push_back(counted(count, one, many));
  };
  add(planned.created, "customer seen for the first time", "customers seen for the first time");
  add(planned.unresolved - planned.not_looked_up, "customer not found at the API",
      "customers not found at the API");
  add(planned.not_looked_up, "customer not looked up", "customers not looked up");
  add(planned.absent, "customer no longer in the file (left as it is)",
      "customers no longer in the file (left as they are)");
  add(planned.waived, "value waived", "values waived");
  std::string line;
  for (const std::string& part : parts) line += (line.empty() ? "" : ", ") + part;
  return line.empty() ? line : wrapped(line, 0, report_columns);
}

/// Up to three examples of a field: `C-3 (line 4)  a@x.it → b@x.it`.
void add_examples(const run_report& report, const std::string& field, std::int64_t count,
                  std::vector<std::vector<std::string>>& rows) {
  std::size_t shown_so_far = 0;
  for (const change_entry& change : report.changes) {
    const auto found = change.fields.find(field);
    if (found == change.fields.end()) continue;
    const bool first = shown_so_far == 0;
    const std::string from_to = shown(found->second.first) + " → " + shown(found->second.second);
    std::string who = clipped(printable(change.key), 20);
    if (change.line > 0) who += " (line " + std::to_string(change.line) + ")";
    if (const auto open = change.open.find(field); open != change.open.end()) {
      who += ", " + std::string(class_name(open->second));
    }
    rows.push_back({first ? clipped(printable(field), 30) : "",
                    first ? right_padded(grouped(count), 7) : "", who, from_to});
    if (++shown_so_far == most_examples) break;
  }
  if (shown_so_far == 0) {
    rows.push_back({clipped(printable(field), 30), right_padded(grouped(count), 7)});
  }
}

}  // namespace

std::string totals_section(const run_report& report) {
  std::string out;
  if (report.drop) {
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"rows read", right_padded(grouped(report.totals.read), 10), ""});
    const totals& t = report.totals;
    add_count(rows, "  unchanged", t.unchanged, unchanged_means(*report.drop));
    add_count(rows, "  applied", t.applied, "confirmed by the API");
    add_count(rows, "  rejected", t.rejected, "see below");
    add_count(rows, "  superseded", t.superseded, "a later row or drop overtook them");
    add_count(rows, "  held", t.held,
              report.dry_run ? "would wait for approval" : "wait for approval");
    const char* to_send =
        report.planned.not_looked_up > 0 ? "would be sent, or not looked up" : "would be sent";
    add_count(rows, "  pending", t.pending, report.dry_run ? to_send : "to be sent");
    out += table(rows, 0);
  }
  out += carried_line(report.carried);
  out += planned_line(report.planned);
  return out;
}

std::string changes_section(const run_report& report) {
  std::map<std::string, std::int64_t> fields = report.planned.fields;
  if (fields.empty()) {
    for (const change_entry& change : report.changes) {
      for (const auto& [name, values] : change.fields) ++fields[name];
    }
  }
  if (fields.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, count] : fields) {
    if (count > 0) add_examples(report, name, count, rows);
  }
  if (rows.empty()) return {};
  return "Changes by field, of " +
         counted(std::max<std::int64_t>(report.planned.changed,
                                        static_cast<std::int64_t>(report.changes.size())),
                 "customer", "customers") +
         "\n" + table(rows, 2);
}

namespace {

/// A row may be refused for several fields.
using row_place = std::tuple<std::string, std::int64_t, std::string>;

row_place row_of(const reject_entry& one) {
  return {one.file, one.line, one.key};
}

/// How many of the listed rows have a code, the most frequent first.
std::vector<std::pair<std::string, std::int64_t>> by_code(const std::vector<reject_entry>& all) {
  std::map<std::string, std::int64_t> counts;
  std::set<std::pair<std::string, row_place>> counted_rows;
  for (const reject_entry& one : all) {
    // Rows that could not be read have no key, and perhaps no line: each is one of its own.
    const bool nameless = one.key.empty();
    if (nameless || counted_rows.insert({one.code, row_of(one)}).second) ++counts[one.code];
  }
  std::vector<std::pair<std::string, std::int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::string one_reject(const reject_entry& reject) {
  std::string head = place_of(reject);
  if (!reject.key.empty()) head += "  " + printable(reject.key);
  if (!reject.field.empty()) head += "  " + printable(reject.field);
  std::string why = printable(reject.message);
  if (!reject.request_id.empty()) why += " (request " + printable(reject.request_id) + ")";
  return "    " + clipped(head, report_columns - 4) + "\n" + wrapped(why, 8, report_columns);
}

}  // namespace

namespace {

/// Where those stand that are not told: wherever there is a list of all.
std::string where_the_rest_is(const run_report& report) {
  if (report.dry_run) {
    return report.truncated ? "with --json and --all all are listed" : "with --json all are listed";
  }
  if (!report.truncated) return "patchbay report " + report.run + " --format json";
  const bool exported = report.drop && !is_values_drop(report.drop->origin);
  return exported ? "feedback/" + printable(lying_name(*report.drop)) + ".rejected.csv"
                  : "patchbay dead-letters list";
}

}  // namespace

std::string rejects_section(const run_report& report) {
  if (report.rejects.empty()) return {};
  std::set<row_place> known;
  std::int64_t nameless = 0;
  for (const reject_entry& one : report.rejects) {
    if (one.key.empty()) ++nameless;
    if (!one.key.empty()) known.insert(row_of(one));
  }
  const std::int64_t all = std::max(static_cast<std::int64_t>(known.size()) + nameless,
                                    report.totals.rejected + report.carried.rejected);
  const auto reasons = by_code(report.rejects);
  const std::int64_t each =
      std::max<std::int64_t>(1, most_rejects / static_cast<std::int64_t>(reasons.size()));
  std::string out = "Rejected, by reason\n";
  std::int64_t told = 0;
  std::set<row_place> told_rows;
  for (const auto& [code, count] : reasons) {
    out += "  " + clipped(printable(code), 60) + ": " + counted(count, "row", "rows") + "\n";
    std::int64_t left = each;
    for (const reject_entry& reject : report.rejects) {
      if (reject.code != code || left == 0) continue;
      out += one_reject(reject);
      --left;
      if (reject.key.empty() || told_rows.insert(row_of(reject)).second) ++told;
    }
  }
  if (all > told) {
    out += "  … and " + grouped(all - told) + " more: " + where_the_rest_is(report) + "\n";
  }
  return out;
}

std::string skipped_section(const run_report& report) {
  if (report.skipped.empty()) return {};
  std::string out = "Left as it is: " +
                    counted(static_cast<std::int64_t>(report.skipped.size()), "field", "fields") +
                    "\n";
  std::int64_t told = 0;
  for (const skipped_field& one : report.skipped) {
    if (told++ == most_rejects) {
      out += "  … and " + grouped(static_cast<std::int64_t>(report.skipped.size()) - most_rejects) +
             " more: with --json all are listed\n";
      break;
    }
    out += wrapped(printable(one.key) + "  " + printable(one.field) + ": " + one.why, 2,
                   report_columns);
  }
  return out;
}

std::string budgets_section(const run_report& report) {
  if (report.budgets.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  std::string why;
  for (const budget_entry& budget : report.budgets) {
    rows.push_back({printable(budget.name), right_padded(printable(budget.value), 8),
                    "of at most " + printable(budget.limit), budget.exceeded ? "EXCEEDED" : ""});
    if (!budget.exceeded || budget.detail.empty()) continue;
    why += wrapped(printable(budget.name + ": " + budget.detail), 2, report_columns);
  }
  return "Budgets\n" + table(rows, 2) + why;
}

std::string sending_section(const run_report& report) {
  std::string out;
  const request_counts& sent = report.requests;
  if (sent.patch + sent.get + sent.token > 0) {
    std::string line = "Requests: " + grouped(sent.patch) + " PATCH, " + grouped(sent.get) +
                       " GET, " + grouped(sent.token) + " token";
    if (sent.retried > 0) line += ", " + grouped(sent.retried) + " of them repeated";
    if (sent.throttled > 0) line += ", " + grouped(sent.throttled) + " refused as too many (429)";
    out += wrapped(line, 0, report_columns);
  }
  const estimate_entry& estimate = report.estimate;
  const bool ahead = report.dry_run || report.totals.pending + report.carried.pending > 0;
  if (!ahead || estimate.requests == 0) return out;
  std::string line = (report.dry_run ? "Estimate: " : "Left: ") +
                     counted(estimate.requests, "PATCH", "PATCHes") + ", about " +
                     span_text(estimate.seconds) + " within the API's limits";
  // When the rest goes on is not known: whoever runs it next says so.
  if (report.dry_run && estimate.finishes_at != wall_time{}) {
    line += ", finished by " + day_text(estimate.finishes_at);
  }
  if (!estimate.meets_deadline && estimate.deadline) {
    line += ". That is AFTER the deadline: " + grouped(estimate.fits) + " fit before " +
            day_text(*estimate.deadline) + ", " + grouped(estimate.requests - estimate.fits) +
            " remain for the next run";
  }
  return out + wrapped(line + ".", 0, report_columns);
}

}  // namespace patchbay
