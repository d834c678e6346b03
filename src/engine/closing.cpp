#include "patchbay/engine/closing.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "moment_text.hpp"

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
                             const std::vector<drop_record>& after) {
  carried_counts carried;
  for (const drop_record& then : before) {
    if (then.state != drop_state::admitted) continue;
    const drop_record* now = find(after, then.number);
    if (now == nullptr) continue;
    const std::int64_t rejected = now->totals.rejected - then.totals.rejected;
    carried.applied += now->totals.applied - then.totals.applied;
    carried.superseded += now->totals.superseded - then.totals.superseded;
    carried.rejected += std::max<std::int64_t>(rejected, 0);
    carried.pending += now->totals.pending;
  }
  carried.in = carried.applied + carried.superseded + carried.rejected + carried.pending;
  return carried;
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

run_outcome outcome_of(const run_report& report, bool stopped) {
  if (report.outcome == run_outcome::failed || report.outcome == run_outcome::held) {
    return report.outcome;
  }
  const std::int64_t pending = report.totals.pending + report.carried.pending;
  if (pending > 0 || (stopped && !report.drop)) return run_outcome::stopped;
  const bool rejected = report.totals.rejected > 0 || report.carried.rejected > 0;
  return rejected ? run_outcome::partial : run_outcome::done;
}

reject_entry as_reject(const dead_letter& letter) {
  return {.key = letter.key,
          .file = letter.file,
          .line = letter.line,
          .column = letter.column,
          .field = letter.field,
          .code = letter.code,
          .message = letter.message,
          .request_id = letter.request_id};
}

constexpr std::size_t listed = 1000;

/// Letters of before this run that it tried again in vain, or that it wrote: by key and field.
std::vector<dead_letter> refused_since(const run_start& begun,
                                       const std::vector<dead_letter>& letters) {
  std::map<std::pair<std::string, std::string>, int> before;
  for (const dead_letter& one : begun.letters) {
    before.emplace(std::pair(one.key, one.field), one.attempts);
  }
  std::vector<dead_letter> fresh;
  for (const dead_letter& one : letters) {
    const auto known = before.find(std::pair(one.key, one.field));
    if (known == before.end() || known->second != one.attempts) fresh.push_back(one);
  }
  return fresh;
}

/// Customers that were rejected before this run and are again: no drop's totals tell of them.
std::int64_t rejected_again(const run_start& begun, const std::vector<dead_letter>& fresh) {
  std::set<std::string> before;
  for (const dead_letter& one : begun.letters) before.insert(one.key);
  std::set<std::string> again;
  for (const dead_letter& one : fresh) {
    if (before.contains(one.key) && find(begun.drops, one.drop) != nullptr) again.insert(one.key);
  }
  return static_cast<std::int64_t>(again.size());
}

/// A drop's own; of older work those that this run wrote.
void add_rejects(run_report& report, const std::vector<dead_letter>& letters,
                 const run_start& begun) {
  // A row that repeats refused values stands there since the plan, with the letter's own words.
  // An API that says the same twice is listed once.
  const auto words = [](const reject_entry& one) {
    return std::tuple(one.key, one.line, one.field, one.code, one.message);
  };
  std::set<std::tuple<std::string, std::int64_t, std::string, std::string, std::string>> said;
  for (const reject_entry& one : report.rejects) said.insert(words(one));
  for (const dead_letter& letter : letters) {
    const bool ours = report.drop ? letter.drop == report.drop->number
                                  : find(begun.drops, letter.drop) != nullptr;
    if (!ours || !said.insert(words(as_reject(letter))).second) continue;
    if (report.rejects.size() >= listed && !begun.list_all) {
      report.truncated = true;
      break;
    }
    report.rejects.push_back(as_reject(letter));
  }
}

run_report older_work(const job_spec& job, const run_start& begun) {
  run_report report;
  report.run = begun.run;
  report.job = job.name;
  report.started_at = begun.at;
  return report;
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

asio::awaitable<closed_run> close_run(pickup_parts parts, const job_spec& job, run_start begun,
                                      picked_up picked, delivered did) {
  std::vector<drop_record> after;
  std::vector<dead_letter> letters;
  auto ask = [&parts, &job, &did, &after, &letters] {
    if (did.test_mode) parts.runs.save_test_mode(*did.test_mode);
    after = parts.intake.store.drops(job.name);
    letters = parts.runs.dead_letters(job.name);
  };
  co_await parts.intake.store_lane.run(ask);

  std::vector<run_report> reports = std::move(picked.reports);
  const std::vector<dead_letter> fresh = refused_since(begun, letters);
  carried_counts carried = carried_since(begun.drops, after);
  const std::int64_t again = rejected_again(begun, fresh);
  carried.rejected += again;
  carried.in += again;
  const std::optional<stop>& stopped = picked.stopped ? picked.stopped : did.stopped;
  // The counts of a daemon's sending grow over its runs: this run's part is the difference.
  const request_counts made = did.requests - begun.requests;
  if (reports.empty() && (carried.in > 0 || made.patch > 0)) {
    reports.push_back(older_work(job, begun));
  }
  const wall_time now = parts.intake.time.wall();
  for (run_report& report : reports) {
    report.started_at = begun.at;
    report.finished_at = report.as_of = now;
    if (report.drop) {
      if (const drop_record* drop = find(after, report.drop->number)) {
        report.drop = *drop;
        report.totals = drop->totals;
      }
    }
    assert(report.totals.balanced());
    add_rejects(report, report.drop ? letters : fresh, begun);
  }
  if (!reports.empty()) {
    reports.back().carried = carried;
    reports.back().requests = made;
  }
  for (run_report& report : reports) {
    report.outcome = outcome_of(report, stopped.has_value());
    if (stopped && report.outcome == run_outcome::stopped && report.reason.empty()) {
      report.reason = stopped->message;
    }
  }
  closed_run closed;
  closed.reports = std::move(reports);
  closed.older = recounted(begun.drops, after);
  co_return closed;
}

}  // namespace patchbay
