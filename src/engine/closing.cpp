#include "patchbay/engine/closing.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "moment_text.hpp"
#include "patchbay/policy/estimate.hpp"
#include "patchbay/policy/windows.hpp"
#include "run_lists.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

/// 20261123T021500Z
std::string stamp(wall_time at) {
  std::string text = moment_text(at);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

const drop_record* find(const std::vector<drop_record>& drops, drop_number number) {
  for (const drop_record& drop : drops) {
    if (drop.number == number) return &drop;
  }
  return nullptr;
}

/// Work of drops that were admitted before this run.
carried_counts carried_since(const std::vector<drop_record>& before,
                             const std::vector<drop_record>& after, std::int64_t rejected) {
  carried_counts carried;
  carried.rejected = rejected;
  for (const drop_record& then : before) {
    if (then.state != drop_state::admitted) continue;
    const drop_record* now = find(after, then.number);
    if (now == nullptr) continue;
    carried.applied += now->totals.applied - then.totals.applied;
    carried.superseded += now->totals.superseded - then.totals.superseded;
    carried.pending += now->totals.pending;
  }
  carried.in = carried.applied + carried.superseded + carried.rejected + carried.pending;
  return carried;
}

run_outcome outcome_of(const run_report& report, bool stopped) {
  if (report.outcome == run_outcome::failed || report.outcome == run_outcome::held) {
    return report.outcome;
  }
  const std::int64_t pending = report.totals.pending + report.carried.pending;
  if (pending > 0 || (stopped && !report.drop)) return run_outcome::stopped;
  const bool rejected = report.totals.rejected > 0 || report.carried.rejected > 0;
  return rejected ? run_outcome::partial : run_outcome::done;
}

run_report older_work(const job_spec& job, const run_start& begun) {
  run_report report;
  report.run = begun.run;
  report.job = job.name;
  report.started_at = begun.at;
  return report;
}

/// What the plan estimated is over; what is left has an estimate of its own.
void estimate_rest(run_report& report, const sending_pace& pace, wall_time now) {
  const std::int64_t left = report.totals.pending + report.carried.pending;
  if (left == 0) return;
  estimate_basis basis;
  basis.requests = left;
  basis.windows = pace.windows.empty() ? api_limits(request_class::patch, false) : pace.windows;
  basis.sessions = pace.sessions;
  basis.begins = pace.begins.value_or(now);
  report.estimate = estimate_sending(basis);
}

/// What the store says when the run is closed.
struct closing_view {
  std::vector<drop_record> drops;
  std::vector<dead_letter> letters;
  std::vector<written_field> written;  ///< asked for where there is no drop to tell of
  customers_now customers;
};

closing_view view_of(pickup_parts parts, const job_spec& job, const run_start& begun,
                     const std::vector<run_report>& reports) {
  closing_view seen;
  seen.drops = parts.intake.store.drops(job.name);
  seen.letters = parts.runs.dead_letters(job.name);
  if (reports.empty()) seen.written = parts.runs.written_by(begun.run).second;
  seen.customers =
      look_at_customers(parts.intake.store, job.name, named_keys(reports, seen.letters));
  seen.letters = that_count(std::move(seen.letters), seen.customers);
  return seen;
}

void list_older_work(run_report& report, const closing_view& seen, const job_spec& job,
                     const run_start& begun) {
  report.changes = changes_of(seen.written, job);
  if (report.changes.size() <= most_listed || begun.list_all) return;
  report.changes.resize(most_listed);
  report.truncated = true;
}

}  // namespace

asio::awaitable<run_start> begin_run(pickup_parts parts, const job_spec& job,
                                     const api_reader& api) {
  run_start begun;
  begun.at = parts.intake.time.wall();
  begun.requests = api.requests();
  const std::string base = stamp(begun.at) + "-" + job.name;
  auto ask = [&parts, &job, &begun, &base] {
    begun.drops = parts.intake.store.drops(job.name);
    begun.letters = parts.runs.dead_letters(job.name);
    begun.run = base;
    for (int n = 2; parts.runs.find_run(begun.run); ++n) begun.run = base + "-" + std::to_string(n);
  };
  co_await parts.intake.store_lane.run(ask);
  co_return begun;
}

std::vector<drop_record> recounted(const std::vector<drop_record>& before,
                                   const std::vector<drop_record>& after) {
  std::vector<drop_record> found;
  for (const drop_record& then : before) {
    const drop_record* now = find(after, then.number);
    if (now != nullptr && !(now->totals == then.totals)) found.push_back(*now);
  }
  return found;
}

run_outcome outcome_of(const drop_record& admitted) {
  if (admitted.totals.pending > 0) return run_outcome::stopped;
  return admitted.totals.rejected > 0 ? run_outcome::partial : run_outcome::done;
}

void tell_again(run_report& told, const drop_record& now, pickup_parts& parts) {
  told.drop = now;
  told.totals = now.totals;
  std::vector<dead_letter> letters = parts.runs.dead_letters(now.job);
  std::erase_if(letters, [&now](const dead_letter& one) { return one.drop != now.number; });
  const customers_now customers =
      look_at_customers(parts.intake.store, now.job, named_keys({told}, letters));
  told.rejects = parts.runs.rejects(now.number);
  if (told.rejects.size() > most_listed) {
    told.rejects.resize(most_listed);
    told.truncated = true;
  }
  add_rejects(told, that_count(std::move(letters), customers), {}, {}, false);
  mark_open(told, customers);
  const wall_time moment = parts.intake.time.wall();
  told.as_of = moment;
  told.outcome = outcome_of(now);
  if (now.totals.pending == 0) {
    told.reason.clear();
    told.estimate = {};
  } else {
    estimate_rest(told, parts.pace ? parts.pace() : sending_pace(), moment);
  }
}

asio::awaitable<closed_run> close_run(pickup_parts parts, const job_spec& job, run_start begun,
                                      picked_up picked, delivered did) {
  std::vector<run_report> reports = std::move(picked.reports);
  closing_view seen;
  auto ask = [&] {
    if (did.test_mode) parts.runs.save_test_mode(*did.test_mode);
    seen = view_of(parts, job, begun, reports);
  };
  co_await parts.intake.store_lane.run(ask);

  const std::vector<dead_letter> fresh = refused_since(begun, seen.letters);
  const carried_counts carried =
      carried_since(begun.drops, seen.drops, older_rejected(begun, fresh));
  const std::optional<stop>& stopped = picked.stopped ? picked.stopped : did.stopped;
  // The counts of a daemon's sending grow over its runs: this run's part is the difference.
  const request_counts made = did.requests - begun.requests;
  if (reports.empty() && (carried.in > 0 || made.patch > 0)) {
    reports.push_back(older_work(job, begun));
    list_older_work(reports.back(), seen, job, begun);
  }
  const wall_time now = parts.intake.time.wall();
  for (run_report& report : reports) {
    report.started_at = begun.at;
    report.finished_at = report.as_of = now;
    if (report.drop && !is_missing(report)) {
      if (const drop_record* drop = find(seen.drops, report.drop->number)) {
        report.drop = *drop;
        report.totals = drop->totals;
      }
    }
    assert(report.totals.balanced());
    add_rejects(report, seen.letters, fresh, begun, &report == &reports.back());
    mark_open(report, seen.customers);
  }
  if (!reports.empty()) {
    reports.back().carried = carried;
    reports.back().requests = made;
  }
  const sending_pace pace = parts.pace ? parts.pace() : sending_pace();
  for (run_report& report : reports) {
    estimate_rest(report, pace, now);
    report.outcome = outcome_of(report, stopped.has_value());
    if (stopped && report.outcome == run_outcome::stopped && report.reason.empty()) {
      report.reason = stopped->message;
    }
  }
  closed_run closed;
  closed.reports = std::move(reports);
  closed.older = recounted(begun.drops, seen.drops);
  co_return closed;
}

}  // namespace patchbay
