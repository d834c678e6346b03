#include "patchbay/adapter/report/run_json.hpp"

#include <chrono>

#include "json_writer.hpp"

namespace patchbay {
namespace {

void write_drop(json_writer& out, const run_report& report) {
  if (!report.drop) return out.null("drop");
  out.open("drop");
  out.text("file", report.drop->file);
  out.text_or_null("digest", report.drop->digest);
  out.number("bytes", report.drop->bytes);
  out.number("rows", report.totals.read);
  if (!report.drop->decision.empty()) out.text("decision", report.drop->decision);
  if (report.drop->origin == drop_origin::adopt) out.text("origin", "adopt");
  if (report.drop->origin == drop_origin::revert) out.text("origin", "revert");
  out.close();
}

void write_totals(json_writer& out, const totals& totals) {
  out.open("totals");
  out.number("read", totals.read);
  out.number("unchanged", totals.unchanged);
  out.number("applied", totals.applied);
  out.number("rejected", totals.rejected);
  out.number("superseded", totals.superseded);
  out.number("held", totals.held);
  out.number("pending", totals.pending);
  out.close();
}

void write_carried(json_writer& out, const carried_counts& carried) {
  out.open("carried");
  out.number("in", carried.in);
  out.number("applied", carried.applied);
  out.number("rejected", carried.rejected);
  out.number("superseded", carried.superseded);
  out.number("pending", carried.pending);
  out.close();
}

void write_planned(json_writer& out, const planned_counts& planned) {
  out.open("planned");
  out.number("changed", planned.changed);
  out.number("new", planned.created);
  out.number("unresolved", planned.unresolved);
  out.number("absent", planned.absent);
  out.number("invalid", planned.invalid);
  out.number("waived", planned.waived);
  if (planned.not_looked_up > 0) out.number("not_looked_up", planned.not_looked_up);
  out.open("fields");
  for (const auto& [name, count] : planned.fields) out.number(name, count);
  out.close();
  out.close();
}

void write_requests(json_writer& out, const request_counts& requests) {
  out.open("requests");
  out.number("patch", requests.patch);
  out.number("get", requests.get);
  out.number("token", requests.token);
  out.number("retried", requests.retried);
  out.number("throttled", requests.throttled);
  out.close();
}

void write_estimate(json_writer& out, const estimate_entry& estimate) {
  out.open("estimate");
  out.number("requests", estimate.requests);
  out.real("seconds", estimate.seconds);
  out.time("finishes_at", estimate.finishes_at);
  out.truth("meets_deadline", estimate.meets_deadline);
  if (estimate.deadline) {
    out.time("deadline", *estimate.deadline);
    out.number("fits", estimate.fits);
  }
  out.close();
}

void write_budgets(json_writer& out, const std::vector<budget_entry>& budgets) {
  out.open_list("budgets");
  for (const budget_entry& budget : budgets) {
    out.open();
    out.text("name", budget.name);
    out.text("limit", budget.limit);
    out.text("value", budget.value);
    out.truth("exceeded", budget.exceeded);
    if (!budget.detail.empty()) out.text("detail", budget.detail);
    out.close();
  }
  out.close_list();
}

void write_rejects(json_writer& out, const std::vector<reject_entry>& rejects) {
  out.open_list("rejects");
  for (const reject_entry& reject : rejects) {
    out.open();
    out.text_or_null("key", reject.key);
    out.text_or_null("file", reject.file);
    out.number_or_null("line", reject.line);
    out.text_or_null("column", reject.column);
    out.text_or_null("field", reject.field);
    out.text("code", reject.code);
    out.text("message", reject.message);
    out.text_or_null("request_id", reject.request_id);
    out.close();
  }
  out.close_list();
}

void write_changes(json_writer& out, const std::vector<change_entry>& changes) {
  out.open_list("changes");
  for (const change_entry& change : changes) {
    out.open();
    out.text("key", change.key);
    out.text_or_null("id", change.id);
    out.number_or_null("line", change.line);
    out.open("fields");
    for (const auto& [name, values] : change.fields) {
      out.open(name);
      if (values.first) out.raw("from", *values.first);
      out.raw("to", values.second);
      if (const auto state = change.open.find(name); state != change.open.end()) {
        out.text("state", class_name(state->second));
      }
      out.close();
    }
    out.close();
    out.close();
  }
  out.close_list();
}

void write_skipped(json_writer& out, const std::vector<skipped_field>& skipped) {
  if (skipped.empty()) return;
  out.open_list("skipped");
  for (const skipped_field& one : skipped) {
    out.open();
    out.text("key", one.key);
    out.text("field", one.field);
    out.text("why", one.why);
    out.close();
  }
  out.close_list();
}

}  // namespace

std::string_view class_name(row_class which) {
  switch (which) {
    case row_class::unchanged:
      return "unchanged";
    case row_class::applied:
      return "applied";
    case row_class::rejected:
      return "rejected";
    case row_class::superseded:
      return "superseded";
    case row_class::held:
      return "held";
    case row_class::pending:
      return "pending";
  }
  return "";
}

namespace {

std::string_view source_name(limits_source source) {
  switch (source) {
    case limits_source::configured:
      return "configuration";
    case limits_source::token:
      return "token";
    case limits_source::assumed:
      return "assumed";
  }
  return "assumed";
}

void write_limits(json_writer& out, const std::optional<limits_entry>& limits) {
  if (!limits) return;
  out.open("limits");
  out.text("source", source_name(limits->source));
  const std::string_view mode = limits->test_mode.value_or(false) ? "test" : "live";
  out.text_or_null("mode", limits->test_mode ? mode : "");
  out.open_list("windows");
  for (const window_limit& one : limits->windows) {
    out.open();
    out.number("requests", one.requests);
    out.real("per_s", std::chrono::duration<double>(one.per).count());
    out.close();
  }
  out.close_list();
  out.close();
}

}  // namespace

std::string run_json(const run_report& report) {
  json_writer out;
  out.open();
  out.number("schema_version", 1);
  out.text("run", report.run);
  out.text("job", report.job);
  out.truth("dry_run", report.dry_run);
  out.text("outcome", outcome_name(report.outcome));
  out.time("as_of", report.as_of);
  write_drop(out, report);
  write_totals(out, report.totals);
  write_carried(out, report.carried);
  write_planned(out, report.planned);
  write_requests(out, report.requests);
  write_estimate(out, report.estimate);
  write_budgets(out, report.budgets);
  write_rejects(out, report.rejects);
  write_changes(out, report.changes);
  write_skipped(out, report.skipped);
  write_limits(out, report.limits);
  if (report.truncated) out.truth("truncated", true);
  if (!report.reason.empty()) out.text("reason", report.reason);
  if (report.error) {
    out.open("error");
    out.text("code", report.error->code);
    out.text("message", report.error->message);
    out.close();
  }
  out.time("started_at", report.started_at);
  out.time("finished_at", report.finished_at);
  out.close();
  return out.line();
}

}  // namespace patchbay
