#include "patchbay/adapter/report/run_html.hpp"

#include "html_sections.hpp"
#include "html_style.hpp"
#include "html_text.hpp"
#include "patchbay/adapter/report/run_history.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "run_sections.hpp"

namespace patchbay {
namespace {

/// What happened, in a sentence that a manager reads.
std::string headline(const run_report& report) {
  const totals& t = report.totals;
  switch (report.outcome) {
    case run_outcome::failed:
      return "The drop could not be read: nothing was sent";
    case run_outcome::held:
      if (waits_behind(report)) return "This drop waits for one that comes before it";
      return report.dry_run ? "Over budget: the real run would hold this drop"
                            : "Held: nothing of this drop was sent";
    case run_outcome::done:
    case run_outcome::partial:
    case run_outcome::stopped:
      break;
  }
  if (!report.drop) {
    return grouped(report.carried.applied) + " of " +
           counted(report.carried.in, "older change", "older changes") + " applied";
  }
  if (report.dry_run) {
    if (t.pending == 0 && report.carried.pending > 0) {
      return "Dry run: " + counted(report.carried.pending, "older change", "older changes") +
             " would be sent, and nothing new";
    }
    return t.pending == 0 ? "Dry run: nothing needs to be sent"
                          : "Dry run: " + counted(t.pending, "row", "rows") + " of " +
                                grouped(t.read) + " would be sent";
  }
  std::string text =
      t.applied + t.pending + t.rejected == 0
          ? "In sync: none of " + counted(t.read, "row", "rows") + " had to be sent"
          : grouped(t.applied) + " of " + counted(t.read, "row", "rows") + " changed and applied";
  if (t.pending > 0) text += ", " + grouped(t.pending) + " pending";
  if (t.rejected > 0) text += ", " + grouped(t.rejected) + " rejected";
  return text;
}

std::string meta_line(const run_report& report) {
  std::string text = escaped(report.run);
  if (report.started_at != wall_time{}) text += " · " + day_text(report.started_at);
  if (report.finished_at != wall_time{} && report.started_at != wall_time{}) {
    text += " · took " + took_text(report.started_at, report.finished_at);
  }
  return text;
}

std::string head_of(const run_report& report, const char* level) {
  const std::string outcome(outcome_name(report.outcome));
  const std::string subject =
      escaped(report.job) + " · " + (report.drop ? escaped(report.drop->file) : "older drops");
  std::string out =
      element("p", "class=meta", subject) + element(level, "", escaped(headline(report))) +
      element("p", "class=meta",
              "<span class=\"badge " + outcome + "\">" + (report.dry_run ? "dry run: " : "") +
                  outcome + "</span> " + meta_line(report));
  if (report.drop && !report.drop->decision.empty()) {
    out += element("p", "class=meta", escaped(report.drop->decision));
  }
  if (report.error) {
    out += element("div", "class=\"note bad\"",
                   escaped(report.error->message) + " <b>" + escaped(report.error->code) + "</b>");
  } else if (!report.reason.empty()) {
    out += element("div", "class=note", escaped(report.reason));
  }
  return out;
}

/// What to do next, as the text report says it.
std::string advice(const run_report& report) {
  const std::string text = next_section(report);
  const std::size_t first = text.find('\n');
  if (first == std::string::npos) return {};
  std::string lines;
  for (std::size_t at = first + 1; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines += escaped(text.substr(at, end - at)) + "<br>";
    at = end + 1;
  }
  return element("h2", "", "What to do") + element("p", "", lines);
}

std::string older_drops(const run_report& report) {
  if (report.carried.in == 0 || !report.drop) return {};
  std::string line = carried_line(report.carried);
  line.pop_back();
  return element("p", "class=soft", escaped(line));
}

std::string article(const run_report& report, std::size_t number) {
  return element("article", "",
                 head_of(report, number == 1 ? "h1" : "h2") + html_totals(report) +
                     older_drops(report) + advice(report) + html_budgets(report) +
                     html_fields(report) + html_rejects(report, number) + html_skipped(report) +
                     html_sending(report));
}

std::string head(const run_report& first) {
  return "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
         "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src "
         "'unsafe-inline'; script-src '" +
         std::string(html_script_hash) +
         "'; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=referrer content=no-referrer>\n<title>" +
         escaped(first.job + " " + first.run) + "</title>\n<style>" + html_style +
         "</style>\n</head>\n";
}

}  // namespace

std::string run_html(std::span<const run_report> drops, std::span<const run_summary> history) {
  const std::optional<run_summary> summary = summary_of(drops);
  if (!summary) return {};
  std::string body;
  std::size_t number = 0;
  for (const run_report& one : drops) body += article(one, ++number);
  body += html_history(*summary, history);
  number = 0;
  for (const run_report& one : drops) body += html_changes(one, ++number);
  return head(drops.front()) + "<body>\n" + element("main", "", body) + "<script>" + html_script +
         "</script>\n</body>\n</html>\n";
}

}  // namespace patchbay
