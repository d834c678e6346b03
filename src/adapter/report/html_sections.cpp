#include "html_sections.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "html_text.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "run_sections.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_examples = 3;

struct row_share {
  const char* name;
  std::int64_t count;
  const char* meaning;
};

std::array<row_share, 6> shares_of(const run_report& report) {
  const totals& t = report.totals;
  const bool dry = report.dry_run;
  return {{{"unchanged", t.unchanged, "nothing to send"},
           {"applied", t.applied, "confirmed by the API"},
           {"pending", t.pending, dry ? "would be sent" : "to be sent"},
           {"held", t.held, dry ? "would wait for approval" : "wait for approval"},
           {"rejected", t.rejected, "see below"},
           {"superseded", t.superseded, "a later row or drop overtook them"}}};
}

double share(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// An unknown value and an empty one are told apart.
std::string value_html(const std::optional<value>& v) {
  if (!v) return "<span class=soft>unknown</span>";
  if (is_null(*v)) return "<span class=soft>nothing</span>";
  const std::string text = plain_text(*v);
  return text.empty() ? "<span class=soft>empty</span>" : escaped(text);
}

std::string from_to(const std::pair<std::optional<value>, value>& values) {
  return "<del>" + value_html(values.first) + "</del> → <ins>" + value_html(values.second) +
         "</ins>";
}

/// From what to what; what the API does not have says so.
std::string change_html(const change_entry& change, const std::string& field) {
  std::string html = from_to(change.fields.at(field));
  if (const auto open = change.open.find(field); open != change.open.end()) {
    html += " <span class=over>" + std::string(class_name(open->second)) + "</span>";
  }
  return html;
}

std::string cell(std::string_view label, std::string_view inner, bool number = false) {
  std::string attributes = "data-label=\"" + std::string(label) + "\"";
  if (number) attributes += " class=n";
  return element("td", attributes, "<div>" + std::string(inner) + "</div>");
}

std::string heads(std::initializer_list<std::string_view> names) {
  std::string row;
  for (const std::string_view name : names) {
    const bool number = name.starts_with('#');
    row +=
        element("th", number ? "scope=col class=n" : "scope=col", number ? name.substr(1) : name);
  }
  return element("thead", "", element("tr", "", row));
}

std::string line_text(std::int64_t line) {
  return line > 0 ? std::to_string(line) : "";
}

/// A search box over a table; without the page's script it is not shown.
std::string search_box(const std::string& table, const std::string& label, std::size_t rows) {
  const std::string told = table + "-told";
  return "<p class=search><input type=search id=" + table + "-search aria-label=\"" + label +
         "\" placeholder=\"" + label + "\" data-table=" + table + " data-told=" + told +
         "></p>\n<p class=meta id=" + told + " role=status>" +
         grouped(static_cast<std::int64_t>(rows)) + " listed</p>\n";
}

std::string examples(const run_report& report, const std::string& field) {
  std::string items;
  std::size_t found = 0;
  for (const change_entry& change : report.changes) {
    const auto values = change.fields.find(field);
    if (values == change.fields.end()) continue;
    items += element("li", "", escaped(change.key) + ": " + change_html(change, field));
    if (++found == most_examples) break;
  }
  return items.empty() ? items : element("ul", "class=examples", items);
}

}  // namespace

std::string html_totals(const run_report& report) {
  if (!report.drop || report.totals.read == 0) return {};
  std::string bar;
  std::string key;
  for (const row_share& one : shares_of(report)) {
    if (one.count == 0) continue;
    const std::string name = one.name;
    const std::string width = number_text(share(one.count, report.totals.read));
    bar += "<i class=" + name + " style=\"flex:" + width + "\" title=\"" + name + " " +
           grouped(one.count) + "\"></i>";
    key += element("li", "",
                   "<span class=\"dot " + name + "\" aria-hidden=true></span><span><b>" +
                       grouped(one.count) + "</b> " + name + " <span class=soft>" + one.meaning +
                       "</span></span>");
  }
  return element("h2", "", counted(report.totals.read, "row", "rows") + " read") +
         element("div", "class=bar aria-hidden=true", bar) + element("ul", "class=key", key);
}

std::string html_fields(const run_report& report) {
  std::vector<std::pair<std::string, std::int64_t>> fields(report.planned.fields.begin(),
                                                           report.planned.fields.end());
  std::erase_if(fields, [](const auto& one) { return one.second == 0; });
  if (fields.empty()) return {};
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out =
      element("h2", "", "Changes by field") +
      element("p", "class=soft",
              counted(report.planned.changed, "customer changes", "customers change") +
                  "; one may change in several fields.");
  for (const auto& [name, count] : fields) {
    const std::string width = number_text(share(count, fields.front().second));
    out += element("div", "class=field",
                   "<div><b>" + escaped(name) + "</b><span>" + grouped(count) +
                       "</span></div><span class=track aria-hidden=true><i style=\"width:" + width +
                       "%\"></i></span>" + examples(report, name));
  }
  return out;
}

std::string html_budgets(const run_report& report) {
  if (report.budgets.empty()) return {};
  std::string over;
  std::string within;
  for (const budget_entry& one : report.budgets) {
    std::string name = escaped(one.name);
    if (one.exceeded) name = "<span class=over>" + name + "</span>";
    if (!one.detail.empty()) name += " <span class=soft>" + escaped(one.detail) + "</span>";
    (one.exceeded ? over : within) +=
        element("tr", "",
                cell("budget", name) + cell("found", escaped(one.value), true) +
                    cell("at most", escaped(one.limit), true));
  }
  const auto exceeded = std::count_if(report.budgets.begin(), report.budgets.end(),
                                      [](const budget_entry& one) { return one.exceeded; });
  const auto fine = static_cast<std::int64_t>(report.budgets.size()) - exceeded;
  const auto listed = [](const std::string& rows) {
    return element("table", "",
                   heads({"budget", "#found", "#at most"}) + element("tbody", "", rows));
  };
  std::string out = element("h2", "", exceeded > 0 ? "Budgets exceeded" : "Budgets");
  if (exceeded > 0) out += listed(over);
  if (fine == 0) return out;
  return out +
         element("details", "",
                 "<summary>" + counted(fine, "check", "checks") + " within " +
                     (fine == 1 ? "its limit" : "their limits") + "</summary>\n" + listed(within));
}

std::string html_sending(const run_report& report) {
  const std::string text = sending_section(report);
  if (text.empty()) return {};
  std::string out = element("h2", "", "Requests and time");
  std::string sentence;
  for (const char c : text) sentence += c == '\n' ? ' ' : c;
  return out + element("p", "", escaped(sentence));
}

std::string html_rejects(const run_report& report, std::size_t number) {
  if (report.rejects.empty()) return {};
  std::map<std::string, std::int64_t> codes;
  std::string rows;
  for (const reject_entry& one : report.rejects) {
    ++codes[one.code];
    std::string place = escaped(one.file) + ":" + line_text(one.line);
    if (!one.column.empty()) place += ":" + escaped(one.column);
    std::string why = escaped(one.message);
    if (!one.request_id.empty()) {
      why += " <span class=soft>request " + escaped(one.request_id) + "</span>";
    }
    rows += element("tr", "",
                    cell("customer", escaped(one.key)) + cell("where", place) +
                        cell("reason", escaped(one.code)) + cell("says", why));
  }
  std::string reasons;
  for (const auto& [code, count] : codes) {
    reasons +=
        element("li", "", "<span><b>" + grouped(count) + "</b> " + escaped(code) + "</span>");
  }
  const std::string table = "rejects-" + std::to_string(number);
  return element("h2", "", "Rejected") + element("ul", "class=\"key words\"", reasons) +
         search_box(table, "Search the rejected rows", report.rejects.size()) +
         element("table", "class=stack id=" + table,
                 heads({"customer", "file:line:column", "reason", "what it says"}) +
                     element("tbody", "", rows));
}

std::string html_skipped(const run_report& report) {
  if (report.skipped.empty()) return {};
  std::string rows;
  for (const skipped_field& one : report.skipped) {
    rows += element("tr", "",
                    cell("customer", escaped(one.key)) + cell("field", escaped(one.field)) +
                        cell("because", escaped(one.why)));
  }
  return element("h2", "", "Left as it is") +
         element("table", "class=stack",
                 heads({"customer", "field", "because"}) + element("tbody", "", rows));
}

std::string html_changes(const run_report& report, std::size_t number) {
  if (report.changes.empty()) return {};
  std::string rows;
  std::size_t listed = 0;
  for (const change_entry& change : report.changes) {
    for (const auto& [name, values] : change.fields) {
      rows += element("tr", "",
                      cell("customer", escaped(change.key)) + cell("field", escaped(name)) +
                          cell("change", change_html(change, name)) +
                          cell("line", line_text(change.line), true));
      ++listed;
    }
  }
  const std::string table = "changes-" + std::to_string(number);
  std::string cut;
  if (report.truncated) {
    cut = element("p", "class=soft", "Only the first are listed; with --all a run lists them all.");
  }
  return element("h2", "", "What changes, from what to what") + cut +
         search_box(table, "Search customer, field or value", listed) +
         element("table", "class=stack id=" + table,
                 heads({"customer", "field", "from → to", "#line"}) + element("tbody", "", rows));
}

}  // namespace patchbay
