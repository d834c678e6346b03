#include <charconv>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

/// The members of a JSON object as canonical values; a member that is not there reads as nothing.
class json_members {
 public:
  explicit json_members(std::string_view object) {
    if (auto parsed = parse_values(object)) members_ = std::move(*parsed);
  }

  [[nodiscard]] std::string text(std::string_view name) const {
    const value* found = find(name);
    return found != nullptr && is_string(*found) ? plain_text(*found) : std::string();
  }
  [[nodiscard]] std::int64_t number(std::string_view name) const {
    const value* found = find(name);
    std::int64_t number = 0;
    if (found != nullptr) {
      std::from_chars(found->json.data(), found->json.data() + found->json.size(), number);
    }
    return number;
  }
  [[nodiscard]] double real(std::string_view name) const {
    const value* found = find(name);
    double number = 0;
    if (found != nullptr) {
      std::from_chars(found->json.data(), found->json.data() + found->json.size(), number);
    }
    return number;
  }
  [[nodiscard]] bool truth(std::string_view name) const {
    const value* found = find(name);
    return found != nullptr && found->json == "true";
  }
  [[nodiscard]] wall_time time(std::string_view name) const { return parse_utc(text(name)); }
  [[nodiscard]] bool is_object(std::string_view name) const {
    const value* found = find(name);
    return found != nullptr && found->json.starts_with('{');
  }
  [[nodiscard]] json_members object(std::string_view name) const {
    const value* found = find(name);
    return json_members(found == nullptr ? std::string_view("{}") : std::string_view(found->json));
  }
  /// The elements of an array, each as JSON text.
  [[nodiscard]] std::vector<std::string_view> list(std::string_view name) const;
  [[nodiscard]] const field_values& all() const { return members_; }
  [[nodiscard]] std::optional<value> get(std::string_view name) const {
    const value* found = find(name);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

 private:
  [[nodiscard]] const value* find(std::string_view name) const {
    const auto found = members_.find(name);
    return found == members_.end() ? nullptr : &found->second;
  }
  field_values members_;
};

std::vector<std::string_view> json_members::list(std::string_view name) const {
  const value* found = find(name);
  if (found == nullptr || found->json.size() < 2 || found->json.front() != '[') return {};
  const std::string_view inner(found->json.data() + 1, found->json.size() - 2);
  std::vector<std::string_view> elements;
  std::size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < inner.size(); ++at) {
    const char c = inner[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ',' && depth == 0) {
      elements.push_back(inner.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  if (!inner.empty()) elements.push_back(inner.substr(begin));
  return elements;
}

run_outcome outcome_of(std::string_view name) {
  for (const run_outcome outcome : {run_outcome::done, run_outcome::partial, run_outcome::held,
                                    run_outcome::stopped, run_outcome::failed}) {
    if (outcome_name(outcome) == name) return outcome;
  }
  return run_outcome::failed;
}

std::optional<row_class> class_of(std::string_view name) {
  for (const row_class one : {row_class::unchanged, row_class::applied, row_class::rejected,
                              row_class::superseded, row_class::held, row_class::pending}) {
    if (class_name(one) == name) return one;
  }
  return std::nullopt;
}

void read_counts(const json_members& in, run_report& report) {
  const json_members totals = in.object("totals");
  report.totals = {totals.number("read"),     totals.number("unchanged"),  totals.number("applied"),
                   totals.number("rejected"), totals.number("superseded"), totals.number("held"),
                   totals.number("pending")};
  const json_members carried = in.object("carried");
  report.carried = {carried.number("in"), carried.number("applied"), carried.number("rejected"),
                    carried.number("superseded"), carried.number("pending")};
  const json_members planned = in.object("planned");
  report.planned.changed = planned.number("changed");
  report.planned.created = planned.number("new");
  report.planned.unresolved = planned.number("unresolved");
  report.planned.absent = planned.number("absent");
  report.planned.invalid = planned.number("invalid");
  report.planned.waived = planned.number("waived");
  report.planned.not_looked_up = planned.number("not_looked_up");
  const json_members fields = planned.object("fields");
  for (const auto& [name, count] : fields.all()) report.planned.fields[name] = fields.number(name);
  const json_members requests = in.object("requests");
  report.requests = {requests.number("patch"), requests.number("get"), requests.number("token"),
                     requests.number("retried"), requests.number("throttled")};
  const json_members estimate = in.object("estimate");
  report.estimate = {estimate.number("requests"),
                     estimate.real("seconds"),
                     estimate.time("finishes_at"),
                     estimate.truth("meets_deadline"),
                     {},
                     0};
  const wall_time deadline = estimate.time("deadline");
  if (deadline != wall_time{}) report.estimate.deadline = deadline;
  report.estimate.fits = estimate.number("fits");
}

void read_lists(const json_members& in, run_report& report) {
  for (const std::string_view text : in.list("budgets")) {
    const json_members budget(text);
    report.budgets.push_back({budget.text("name"), budget.text("limit"), budget.text("value"),
                              budget.truth("exceeded"), budget.text("detail")});
  }
  for (const std::string_view text : in.list("rejects")) {
    const json_members reject(text);
    report.rejects.push_back({reject.text("key"), reject.text("file"), reject.number("line"),
                              reject.text("column"), reject.text("field"), reject.text("code"),
                              reject.text("message"), reject.text("request_id")});
  }
  for (const std::string_view text : in.list("changes")) {
    const json_members change(text);
    change_entry entry;
    entry.key = change.text("key");
    entry.id = change.text("id");
    entry.line = change.number("line");
    const json_members fields = change.object("fields");
    for (const auto& [name, pair] : fields.all()) {
      const json_members values(pair.json);
      entry.fields[name] = {values.get("from"), values.get("to").value_or(null_value())};
      if (const auto state = class_of(values.text("state"))) entry.open[name] = *state;
    }
    report.changes.push_back(std::move(entry));
  }
  for (const std::string_view text : in.list("skipped")) {
    const json_members one(text);
    report.skipped.push_back({one.text("key"), one.text("field"), one.text("why")});
  }
}

run_report read_run(const json_members& in) {
  run_report report;
  report.run = in.text("run");
  report.job = in.text("job");
  report.dry_run = in.truth("dry_run");
  report.outcome = outcome_of(in.text("outcome"));
  report.as_of = in.time("as_of");
  if (in.is_object("drop")) {
    const json_members drop = in.object("drop");
    report.drop.emplace();
    report.drop->job = report.job;
    report.drop->file = drop.text("file");
    report.drop->digest = drop.text("digest");
    report.drop->bytes = drop.number("bytes");
    report.drop->decision = drop.text("decision");
    if (drop.text("origin") == "adopt") report.drop->origin = drop_origin::adopt;
    if (drop.text("origin") == "revert") report.drop->origin = drop_origin::revert;
  }
  read_counts(in, report);
  if (report.drop) report.drop->totals = report.totals;
  read_lists(in, report);
  report.truncated = in.truth("truncated");
  report.reason = in.text("reason");
  if (in.is_object("error")) {
    const json_members error = in.object("error");
    report.error = fault(error.text("code"), error.text("message"));
  }
  report.started_at = in.time("started_at");
  report.finished_at = in.time("finished_at");
  return report;
}

}  // namespace

result<std::vector<run_report>> parse_runs(std::string_view lines) {
  std::vector<run_report> reports;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.empty()) continue;
    const json_members in(line);
    if (in.number("schema_version") != 1) {
      return fault{"RUN_UNREADABLE",
                   "the stored run is not JSON of schema version 1: it was written by another "
                   "version, or is damaged"};
    }
    reports.push_back(read_run(in));
  }
  return reports;
}

}  // namespace patchbay
