#include <algorithm>
#include <array>

#include "html_sections.hpp"
#include "html_text.hpp"
#include "patchbay/adapter/report/run_history.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_charted = 30;
constexpr double chart_height = 100;

/// What is drawn of a run: unchanged rows would dwarf everything.
std::array<std::pair<const char*, std::int64_t>, 4> drawn(const run_summary& run) {
  return {{{"applied", run.totals.applied},
           {"pending", run.totals.pending},
           {"held", run.totals.held},
           {"rejected", run.totals.rejected}}};
}

std::int64_t height_of(const run_summary& run) {
  std::int64_t sum = 0;
  for (const auto& [name, count] : drawn(run)) sum += count;
  return sum;
}

std::string column(const run_summary& run, double left, double width, std::int64_t highest) {
  std::string rects;
  double top = chart_height;
  bool nothing = true;
  for (const auto& [name, count] : drawn(run)) {
    if (count == 0 || highest == 0) continue;
    const double height = std::max(
        0.8, (chart_height - 4) * static_cast<double>(count) / static_cast<double>(highest));
    top -= height;
    nothing = false;
    rects += "<rect class=" + std::string(name) + " x=\"" + number_text(left) + "\" y=\"" +
             number_text(top) + "\" width=\"" + number_text(width) + "\" height=\"" +
             number_text(height) + "\"/>";
  }
  // A run with nothing to send is no gap.
  if (nothing) {
    rects = "<rect class=nothing x=\"" + number_text(left) + "\" y=\"" +
            number_text(chart_height - 2) + "\" width=\"" + number_text(width) +
            "\" height=\"2\"/>";
  }
  const std::string title = day_text(run.started_at) + ": " + grouped(run.totals.applied) +
                            " applied, " + grouped(run.totals.rejected) + " rejected, " +
                            grouped(run.totals.held) + " held, " + grouped(run.totals.pending) +
                            " pending";
  return "<g><title>" + escaped(title) + "</title>" + rects + "</g>";
}

/// Oldest at the left, the run itself at the right.
std::string chart(const std::vector<run_summary>& oldest_first) {
  std::int64_t highest = 0;
  for (const run_summary& one : oldest_first) highest = std::max(highest, height_of(one));
  const double step = 300.0 / static_cast<double>(std::max<std::size_t>(oldest_first.size(), 10));
  std::string columns;
  double left = 0;
  for (const run_summary& one : oldest_first) {
    columns += column(one, left + step * 0.15, step * 0.7, highest);
    left += step;
  }
  return "<svg viewBox=\"0 0 300 100\" preserveAspectRatio=none role=img aria-label=\"Outcomes of "
         "the last runs; the table below has the numbers\">" +
         columns + "<line class=axis x1=0 x2=300 y1=99.7 y2=99.7 /></svg>\n";
}

std::string key() {
  std::string items;
  for (const char* const name : {"applied", "pending", "held", "rejected"}) {
    items += element("li", "",
                     "<span class=\"dot " + std::string(name) +
                         "\" aria-hidden=true></span><span>" + name + "</span>");
  }
  return element("ul", "class=\"key words\"", items);
}

std::string minute_text(wall_time when) {
  return day_text(when).substr(0, 16);  // 2026-11-23 02:15
}

/// What the columns are, and which is which.
std::string charted(const std::vector<run_summary>& oldest_first) {
  std::int64_t highest = 0;
  for (const run_summary& one : oldest_first) highest = std::max(highest, height_of(one));
  const std::string first = minute_text(oldest_first.front().started_at);
  const std::string last = minute_text(oldest_first.back().started_at);
  const std::string words =
      "A column is a run, its height the rows that had something to send; the "
      "highest is " +
      grouped(highest) + ".";
  std::string scale = first + " UTC";
  if (oldest_first.size() > 1) {
    scale = "From left to right: the oldest, " + scale + ", to the newest, " + last + " UTC.";
  }
  return element("p", "class=meta", words) + chart(oldest_first) +
         element("p", "class=scale", scale) + key();
}

std::string drops_of(const run_summary& run) {
  if (run.drops.empty()) return "<span class=soft>older drops</span>";
  std::string names;
  for (const std::string& one : run.drops) names += (names.empty() ? "" : ", ") + escaped(one);
  return names;
}

std::string row(const run_summary& one) {
  const auto cell = [](const char* label, const std::string& inner, bool number) {
    return element("td", "data-label=\"" + std::string(label) + (number ? "\" class=n" : "\""),
                   inner);
  };
  return element("tr", "",
                 cell("started",
                      "<div>" + day_text(one.started_at) + "<span class=name>" + escaped(one.run) +
                          "</span></div>",
                      false) +
                     cell("drop", drops_of(one), false) +
                     cell("outcome", std::string(outcome_name(one.outcome)), false) +
                     cell("read", grouped(one.totals.read), true) +
                     cell("changed", grouped(one.changed), true) +
                     cell("applied", grouped(one.totals.applied), true) +
                     cell("rejected", grouped(one.totals.rejected), true) +
                     cell("held", grouped(one.totals.held), true) +
                     cell("pending", grouped(one.totals.pending), true) +
                     cell("PATCHes", grouped(one.patches), true) +
                     cell("took", took_text(one.started_at, one.finished_at), true));
}

}  // namespace

std::string html_history(const run_summary& of, std::span<const run_summary> history) {
  std::vector<run_summary> runs = runs_before(of, history, most_charted);
  if (runs.empty()) return {};
  const std::string words = comparison(of, runs);
  runs.insert(runs.begin(), of);
  return element("h2", "", "This run and those before it") +
         (words.empty() ? "" : element("p", "", escaped(words))) + html_runs(runs, "numbers");
}

std::string html_runs(std::span<const run_summary> newest_first, std::string_view id) {
  std::vector<run_summary> runs(newest_first.begin(), newest_first.end());
  if (runs.size() > most_charted) runs.resize(most_charted);
  std::string rows;
  for (const run_summary& one : runs) rows += row(one);
  std::reverse(runs.begin(), runs.end());
  const std::string head =
      "<thead><tr><th scope=col>started</th><th scope=col>drop</th><th scope=col>outcome</th><th "
      "scope=col class=n>read"
      "</th><th scope=col class=n>changed</th><th scope=col class=n>applied</th><th scope=col "
      "class=n>rejected</th><th scope=col class=n>held</th><th scope=col class=n>pending</th><th "
      "scope=col class=n>PATCHes</th><th scope=col class=n>took</th></tr>"
      "</thead>\n";
  const bool nothing =
      std::all_of(runs.begin(), runs.end(), [](const auto& one) { return height_of(one) == 0; });
  return (nothing ? element("p", "class=soft", "None of them had anything to send.")
                  : charted(runs)) +
         element("details", "id=\"" + std::string(id) + "\"",
                 "<summary>The numbers of " +
                     counted(static_cast<std::int64_t>(runs.size()), "run", "runs") +
                     (runs.size() > 1 ? ", the newest first" : "") + "</summary>\n" +
                     element("table", "class=\"stack dense\"", head + element("tbody", "", rows)));
}

}  // namespace patchbay
