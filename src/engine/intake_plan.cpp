#include "intake_plan.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <tuple>

#include "patchbay/policy/accidents.hpp"
#include "patchbay/policy/budgets.hpp"
#include "patchbay/policy/estimate.hpp"
#include "patchbay/policy/windows.hpp"
#include "patchbay/protocol/profile_json.hpp"

namespace patchbay {

void plan_close::operator()(plan* made) const {
  delete made;
}

run_report& report_of(plan& made) {
  return made.report;
}

bool holds_corrections(std::span<const std::string> header) {
  const auto has = [header](std::string_view name) {
    return std::find(header.begin(), header.end(), name) != header.end();
  };
  return has("patchbay_error") && has("patchbay_detail");
}

std::vector<reject_entry> rejects_of(const plan& made) {
  std::vector<reject_entry> all;
  for (const reject_entry* one : made.ledger.rejects()) all.push_back(*one);
  return all;
}

std::vector<std::string> changed_keys(const plan& made) {
  std::vector<std::string> keys;
  for (const intake::change_head* one : made.ledger.changes()) keys.push_back(one->key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

void hold_plan(plan& made, const std::string& reason) {
  run_report& report = made.report;
  if (reason.empty() || report.outcome == run_outcome::failed) return;
  report.reason = report.reason.empty() ? reason : reason + "; " + report.reason;
  if (report.outcome == run_outcome::held) return;
  report.outcome = run_outcome::held;
  made.ledger.hold();
  if (!made.scan || !made.scan->opened()) return;
  report.totals = made.ledger.count(made.scan->rows());
  report.drop->totals = report.totals;
}

namespace intake {
namespace {

constexpr std::size_t listed = 1'000;

void count_customers(plan& made, planned_counts& planned) {
  made.ledger.for_each([&planned](fingerprint, const ledger_entry& entry) {
    if (entry.fate == row_fate::overtaken) return;
    if (entry.created) ++planned.created;
    if (entry.not_found || entry.fate == row_fate::unresolved) ++planned.unresolved;
    if (entry.fate == row_fate::unresolved) ++planned.not_looked_up;
    if (entry.fate == row_fate::unresolved && !entry.known) ++planned.never_seen;
    if (entry.invalid) ++planned.invalid;
    if (entry.waived) ++planned.waived;
  });
  planned.invalid += made.ledger.unread();
}

void list_rejects(plan& made, std::size_t most) {
  for (const reject_entry* one : made.ledger.rejects()) {
    if (made.report.rejects.size() == most) {
      made.report.truncated = true;
      break;
    }
    made.report.rejects.push_back(*one);
  }
}

/// Lists and counts what this drop changes; returns the rows that need a PATCH.
std::int64_t list_changes(plan& made, std::size_t most, drop_measures& measured) {
  run_report& report = made.report;
  std::int64_t patches = 0;
  for (const change_head* change : made.ledger.changes()) {
    if (change->counted == row_class::pending) ++patches;
    if (!change->changes_wanted) continue;
    ++report.planned.changed;
    if (report.changes.size() == most) {
      report.truncated = true;
      continue;
    }
    change_entry shown = made.ledger.load(*change).shown;
    if (!shown.fields.empty()) report.changes.push_back(std::move(shown));
  }
  for (const auto& [name, counted] : made.ledger.by_field()) {
    if (counted.changes > 0) report.planned.fields[name] = counted.changes;
    measured.fields[name].changes = counted.changes;
    measured.fields[name].clears = counted.clears;
  }
  return patches;
}

std::int64_t pending_seen(const plan& made) {
  const std::vector<const change_head*> changes = made.ledger.changes();
  return std::count_if(changes.begin(), changes.end(),
                       [](const change_head* change) { return change->was_pending; });
}

/// The drop beside the one before it. Only exports are compared.
void add_accidents(plan& made, const job_spec& job, const plan_figures& figures,
                   const plan_options& options) {
  run_report& report = made.report;
  drop_comparison drops;
  drops.now = made.scan->profile();
  if (options.origin != drop_origin::erp || drops.now.columns.contains("patchbay_error")) return;
  drops.before = figures.last;
  drops.snapshot = figures.snapshot;
  drops.known_before = figures.known_before;
  drops.known_seen = figures.known_seen;
  for (budget_entry& one : weigh_accidents(job.budgets.accidents, drops)) {
    report.budgets.push_back(std::move(one));
  }
  report.drop->profile = profile_json(drops.now);
}

/// Rows refused while planning: dead letters that stand from before are not this drop's doing.
std::int64_t refused_now(const plan& made) {
  std::int64_t refused = made.ledger.unread();
  made.ledger.for_each([&refused](fingerprint, const ledger_entry& entry) {
    if (entry.fate == row_fate::rejected) ++refused;
  });
  return refused;
}

std::string why_held(const plan_figures& figures, const drop_measures& measured,
                     const run_report& report, const plan_options& options) {
  if (figures.snapshot && measured.rows == 0 && options.expected_rows != 0) {
    return "DROP_EMPTY: the snapshot has a header and no rows, which would make every customer "
           "absent";
  }
  return exceeded_in_words(report.budgets);
}

void estimate_plan(run_report& report, std::int64_t patches, const plan_figures& figures,
                   const sending_pace& pace) {
  estimate_basis basis;
  basis.requests = patches;
  basis.windows = pace.windows.empty() ? api_limits(request_class::patch, false) : pace.windows;
  basis.sessions = pace.sessions;
  basis.begins = pace.begins.value_or(figures.now);
  basis.deadline = pace.deadline;
  report.estimate = estimate_sending(basis);
}

}  // namespace

void complete_report(plan& made, const job_spec& job, const plan_figures& figures,
                     const plan_options& options) {
  run_report& report = made.report;
  std::stable_sort(report.skipped.begin(), report.skipped.end(),
                   [](const skipped_field& one, const skipped_field& other) {
                     return std::tie(one.key, one.field) < std::tie(other.key, other.field);
                   });
  const std::size_t most = options.list_all ? std::numeric_limits<std::size_t>::max() : listed;
  drop_measures measured;
  const std::int64_t patches = list_changes(made, most, measured);
  list_rejects(made, most);
  count_customers(made, report.planned);
  if (figures.snapshot) {
    report.planned.absent = std::max<std::int64_t>(0, figures.present_before - figures.known_seen);
    measured.absent = report.planned.absent;
    measured.present_before = figures.present_before;
  }
  measured.rows = made.scan->rows();
  measured.known = figures.known_before + report.planned.created;
  measured.changes = report.planned.changed;
  measured.rejects = refused_now(made);
  report.budgets = weigh(job.budgets, measured);
  add_accidents(made, job, figures, options);

  report.reason =
      options.ignore_budgets ? std::string() : why_held(figures, measured, report, options);
  const bool held = !report.reason.empty();
  if (held) made.ledger.hold();
  report.totals = made.ledger.count(made.scan->rows());
  assert(report.totals.balanced());
  const std::int64_t sent = held ? 0 : patches;
  const std::int64_t backlog = figures.pending_before - (held ? 0 : pending_seen(made));
  estimate_plan(report, sent + std::max<std::int64_t>(0, backlog), figures, options.pace);
  report.outcome = held ? run_outcome::held
                        : (report.totals.rejected > 0 ? run_outcome::partial : run_outcome::done);
  report.drop->totals = report.totals;
}

void refuse_drop(plan& made, const fault& why, const plan_options& options) {
  run_report& report = made.report;
  if (why.code == "DROP_EMPTY") {
    // Without a header there is nothing to admit either, so one that is meant is simply done.
    const bool meant = options.ignore_budgets || options.expected_rows == 0;
    report.outcome = meant ? run_outcome::done : run_outcome::held;
    if (!meant) report.reason = why.code + ": " + why.message;
    return;
  }
  report.outcome = run_outcome::failed;
  report.error = why;
  report.reason = why.message;
}

}  // namespace intake
}  // namespace patchbay
