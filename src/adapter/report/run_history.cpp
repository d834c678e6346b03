#include "patchbay/adapter/report/run_history.hpp"

#include <algorithm>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_compared = 14;
constexpr std::size_t most_shown = 7;

void add(totals& sum, const totals& part) {
  sum.read += part.read;
  sum.unchanged += part.unchanged;
  sum.applied += part.applied;
  sum.rejected += part.rejected;
  sum.superseded += part.superseded;
  sum.held += part.held;
  sum.pending += part.pending;
}

}  // namespace

std::optional<run_summary> summary_of(std::span<const run_report> drops) {
  if (drops.empty()) return std::nullopt;
  run_summary made;
  made.run = drops.front().run;
  made.job = drops.front().job;
  made.dry_run = drops.front().dry_run;
  made.started_at = drops.front().started_at;
  for (const run_report& one : drops) {
    made.outcome = std::max(made.outcome, one.outcome);
    made.finished_at = std::max(made.finished_at, one.finished_at);
    made.changed += one.planned.changed;
    made.patches += one.requests.patch;
    add(made.totals, one.totals);
    made.totals.applied += one.carried.applied;
    made.totals.rejected += one.carried.rejected;
    made.totals.superseded += one.carried.superseded;
    made.totals.pending += one.carried.pending;
    if (one.drop) made.drops.push_back(one.drop->file);
    if (made.reason.empty()) made.reason = one.error ? one.error->message : one.reason;
  }
  return made;
}

std::vector<run_summary> runs_before(const run_summary& of, std::span<const run_summary> history,
                                     std::size_t most) {
  std::vector<run_summary> found;
  for (const run_summary& one : history) {
    if (found.size() == most) break;
    const bool other = one.run != of.run && one.started_at <= of.started_at;
    if (other && one.job == of.job && !one.dry_run) found.push_back(one);
  }
  return found;
}

std::string comparison(const run_summary& of, std::span<const run_summary> before) {
  // Work on older drops alone changes nobody anew.
  if (of.totals.read == 0) return {};
  std::vector<std::int64_t> changed;
  for (const run_summary& one : before) {
    if (one.totals.read > 0) changed.push_back(one.changed);
    if (changed.size() == most_compared) break;
  }
  if (changed.empty()) return {};
  std::sort(changed.begin(), changed.end());
  std::string out = counted(of.changed, "customer", "customers") + " changed; ";
  if (changed.size() == 1) return out + "the run before had " + grouped(changed.front()) + ".";
  out += "the " + std::to_string(changed.size()) + " runs before had " +
         grouped(changed[changed.size() / 2]) + " in the middle";
  if (changed.front() == changed.back()) return out + ".";
  return out + ", " + grouped(changed.front()) + " to " + grouped(changed.back()) + ".";
}

std::string history_section(const run_summary& of, std::span<const run_summary> history) {
  const std::vector<run_summary> before = runs_before(of, history, most_compared);
  if (before.empty()) return {};
  std::vector<std::vector<std::string>> rows{
      {"started", "outcome", right_padded("read", 10), right_padded("changed", 9),
       right_padded("applied", 9), right_padded("rejected", 9), "took"}};
  const auto row = [&rows](const run_summary& one, const char* mark) {
    rows.push_back({day_text(one.started_at), std::string(outcome_name(one.outcome)),
                    right_padded(grouped(one.totals.read), 10),
                    right_padded(grouped(one.changed), 9),
                    right_padded(grouped(one.totals.applied), 9),
                    right_padded(grouped(one.totals.rejected), 9),
                    took_text(one.started_at, one.finished_at) + mark});
  };
  row(of, "  this run");
  for (const run_summary& one : std::span(before).first(std::min(before.size(), most_shown))) {
    row(one, "");
  }
  const std::string words = comparison(of, before);
  return "Runs before\n" + table(rows, 2) +
         (words.empty() ? "" : wrapped(words, 2, report_columns));
}

}  // namespace patchbay
