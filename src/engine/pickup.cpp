#include "patchbay/engine/pickup.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "claiming.hpp"
#include "drop_places.hpp"
#include "patchbay/engine/values_drop.hpp"
#include "patchbay/policy/drop_order.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

/// The work of one pass over one job; a coroutine per step, so that each stays readable.
class pass {
 public:
  pass(pickup_parts parts, const job_spec& job, std::string run, pickup_options options)
      : parts_(parts), job_(job), run_(std::move(run)), options_(std::move(options)) {}

  asio::awaitable<picked_up> go() {
    claimed_drops claimed = co_await claim_drops(parts_, job_, options_);
    for (const refused_file& one : claimed.refused) {
      if (!options_.told.contains(one.file)) fail_without_drop(one.why, one.file);
      found_.unseen = found_.unseen || one.file.empty();
      // What is unsafe stays refused until it is another file.
      if (one.file.empty() || one.why.code == "DROP_UNSAFE") continue;
      found_.left_lying.insert(one.file);
      found_.unclaimed = true;
    }
    claimed_ = std::move(claimed.drops);
    // What was claimed, or let through, lies in that directory: it is kept as it is.
    if (!found_.unseen && !claimed_.empty()) {
      auto look = [this] { return parts_.spool.waiting().has_value(); };
      found_.unseen = !co_await on_rows(look);
    }
    if (found_.unseen) co_return std::move(found_);
    bool go_on = true;
    if (job_.source.mode == drop_mode::snapshot) go_on = co_await take_in_snapshots();
    for (claimed_drop& drop : claimed_) {
      if (!go_on) break;
      if (job_.source.mode == drop_mode::snapshot && !stands_apart(drop.record)) continue;
      go_on = co_await take_in(drop);
    }
    co_return std::move(found_);
  }

 private:
  template <class Call>
  asio::awaitable<std::invoke_result_t<Call>> on_store(Call call) {
    return parts_.intake.store_lane.run(std::move(call));
  }
  template <class Call>
  asio::awaitable<std::invoke_result_t<Call>> on_rows(Call call) {
    return parts_.intake.rows.run(std::move(call));
  }

  run_report blank_report(const drop_record& drop) const {
    run_report report;
    report.run = run_;
    report.job = job_.name;
    report.drop = drop;
    report.started_at = report.as_of = report.finished_at = parts_.intake.time.wall();
    return report;
  }

  void note(severity how, std::string_view event, const std::string& text,
            const drop_record& drop) {
    parts_.intake.watcher.note(how, event, text,
                               {{"run", run_}, {"job", job_.name}, {"drop", drop.file}});
  }

  /// A file that was not taken stays where it is, and no drop of the store; `file`: its name.
  void fail_without_drop(const fault& why, const std::string& file) {
    drop_record none;
    none.file = file;
    run_report report = blank_report(none);
    if (file.empty()) report.drop.reset();
    report.outcome = run_outcome::failed;
    report.error = why;
    found_.reports.push_back(std::move(report));
  }

  /// Of several snapshots the newest that can be read counts; the older ones are reported and put
  /// away: the waiting ones at once, those that were let through or are held when it is admitted.
  asio::awaitable<bool> take_in_snapshots() {
    const drop_record* newest = nullptr;
    for (auto drop = claimed_.rbegin(); drop != claimed_.rend(); ++drop) {
      const drop_state before = drop->record.state;
      if (stands_apart(drop->record)) continue;
      const bool overtaken = newest != nullptr && (before == drop_state::working ||
                                                   newest->state == drop_state::admitted);
      if (overtaken) {
        co_await supersede(*drop, *newest);
        continue;
      }
      const bool go_on = co_await take_in(*drop);
      if (!go_on) co_return false;
      const drop_state now = drop->record.state;
      if (now == drop_state::admitted || now == drop_state::held) newest = &drop->record;
    }
    if (newest != nullptr && newest->state == drop_state::admitted) {
      co_await supersede_held(*newest);
    }
    co_return true;
  }

  asio::awaitable<void> supersede_held(drop_record newest) {
    auto ask = [this] { return parts_.intake.store.drops(job_.name); };
    std::vector<drop_record> known = co_await on_store(ask);
    for (drop_record& held : known) {
      if (held.state != drop_state::held || stands_apart(held) || held.number > newest.number) {
        continue;
      }
      claimed_drop older{std::move(held), folder::held};
      co_await supersede(older, newest);
    }
  }

  asio::awaitable<void> supersede(claimed_drop& older, const drop_record& newest) {
    drop_record& drop = older.record;
    const std::int64_t rows = co_await count_rows(older);
    drop.totals = {};
    drop.totals.read = drop.totals.superseded = rows;
    drop.reason = "a newer snapshot counts: " + newest.file;
    note(severity::info, "drop_superseded", drop.file + ": " + drop.reason, drop);
    co_await finish(older, drop_state::superseded);
    run_report report = blank_report(drop);
    report.totals = drop.totals;
    report.reason = drop.reason;
    found_.reports.insert(found_.reports.begin(), std::move(report));
  }

  asio::awaitable<std::int64_t> count_rows(const claimed_drop& drop) {
    const std::filesystem::path path = path_of(drop);
    auto count = [this, &path]() -> std::int64_t {
      auto opened = parts_.intake.opener.open(path);
      if (!opened) return 0;
      std::int64_t rows = 0;
      record_batch batch;
      while ((*opened)->next(batch) && !batch.records.empty()) {
        rows += static_cast<std::int64_t>(batch.records.size());
      }
      return rows;
    };
    co_return co_await on_rows(count);
  }

  /// Store first, then the file: a file never leaves working/ before what the store says is
  /// durable.
  asio::awaitable<void> finish(claimed_drop& drop, drop_state state) {
    drop.record.state = state;
    auto save = [this, &drop] { parts_.intake.store.update_drop(drop.record); };
    co_await on_store(save);
    co_await move_file(drop);
  }

  asio::awaitable<void> move_file(claimed_drop& drop) {
    const folder to = folder_of(drop.record.state);
    const std::string name = name_in(drop.record, drop.lies_in).value_or(drop.record.file);
    auto move = [this, &drop, &name, to] {
      return parts_.spool.move(name, drop.lies_in, to, parts_.intake.time.wall());
    };
    const result<std::string> moved = co_await on_rows(move);
    if (!moved) {
      note(severity::error, "drop_not_moved", moved.error().message, drop.record);
      co_return;
    }
    drop.lies_in = to;
    drop.record.stored_as = place(to, *moved);
    auto save = [this, &drop] { parts_.intake.store.update_drop(drop.record); };
    co_await on_store(save);
  }

  [[nodiscard]] std::filesystem::path path_of(const claimed_drop& drop) const {
    return parts_.spool.path_of(name_in(drop.record, drop.lies_in).value_or(drop.record.file),
                                drop.lies_in);
  }

  asio::awaitable<order_verdict> order_of(const drop_record& drop) {
    auto ask = [this] { return parts_.intake.store.drops(job_.name); };
    const std::vector<drop_record> known = co_await on_store(ask);
    co_return judge_order(drop, known);
  }

  /// False: a stop, nothing more can be taken in.
  asio::awaitable<bool> take_in(claimed_drop& drop) {
    const bool approved = drop.record.state == drop_state::approved;
    note(severity::debug, "drop_begun", drop.record.file + " is looked at", drop.record);
    const order_verdict order = co_await order_of(drop.record);
    if (order.standing == drop_standing::gap && waits_for_gap(drop.record)) co_return true;
    if (order.standing == drop_standing::behind && !approved) {
      co_await let_wait(drop, order);
      co_return true;
    }
    if (!drop.marker) {
      co_await fail(drop, drop.marker.error());
      co_return true;
    }
    auto forget = [this, &drop] { parts_.intake.store.unstage(drop.record.number); };
    co_await on_store(forget);
    plan_options planning{.list_all = options_.list_all, .ignore_budgets = approved};
    if (*drop.marker) planning.expected_rows = (*drop.marker)->rows;
    if (parts_.pace) planning.pace = parts_.pace();
    auto ask = [this] { return parts_.intake.store.drops(job_.name); };
    const std::string basis = plan_basis(job_, co_await on_store(ask));
    planning.origin = drop.record.origin;
    planning.skipped = options_.skipped;
    const drop_reading reading = reading_of(parts_, job_, planning.origin);
    unless_stopped<plan_ptr> made =
        co_await make_plan(reading.parts, reading.job, path_of(drop), drop.record.file, planning);
    if (!made) {
      found_.stopped = made.error();
      co_return false;
    }
    const bool stale = approved && !same_plan(drop.record, report_of(**made), basis);
    if (stale) {
      hold_plan(**made, std::string(stale_approval));
    } else if (!approved) {
      hold_plan(**made, order_in_words(order));
    }
    co_await decide(drop, **made, basis);
    co_return true;
  }

  /// The plan is made: the drop fails, is held, or is admitted.
  asio::awaitable<void> decide(claimed_drop& drop, plan& made, std::string basis) {
    run_report report = report_of(made);
    report.run = run_;
    report.job = job_.name;
    if (is_missing(report)) {
      tell_missing(drop, std::move(report));
      co_return;
    }
    remember_plan(drop.record, report, basis);
    if (report.outcome == run_outcome::failed) {
      drop.record.reason = report.error ? report.error->message : report.reason;
      note(severity::error, "drop_failed", drop.record.file + ": " + drop.record.reason,
           drop.record);
      if (!is_still_written(report)) co_await finish(drop, drop_state::failed);
    } else if (report.outcome == run_outcome::held) {
      co_await hold(drop, report);
    } else {
      co_await admit(drop, made, report);
    }
    report.drop = drop.record;
    found_.reports.push_back(std::move(report));
  }

  /// No verdict about the drop: a mount may be missing, or the job look into another directory.
  void tell_missing(const claimed_drop& drop, run_report report) {
    report.error->message = path_of(drop).string() +
                            " is not there: nothing is decided about the drop, it is looked for "
                            "again; is a mount missing, or has source.directory changed? "
                            "patchbay discard puts it away for good";
    report.reason = report.error->message;
    note(severity::error, "drop_refused", report.reason, drop.record);
    found_.left_lying.insert(drop.record.file);
    if (options_.told.contains(drop.record.file)) return;
    report.drop = drop.record;
    found_.reports.push_back(std::move(report));
  }

  /// Not even read: its marker already says that it is not what was meant.
  asio::awaitable<void> fail(claimed_drop& drop, fault why) {
    drop.record.reason = why.message;
    note(severity::error, "drop_failed", drop.record.file + ": " + why.message, drop.record);
    co_await finish(drop, drop_state::failed);
    run_report report = blank_report(drop.record);
    report.outcome = run_outcome::failed;
    report.reason = why.message;
    report.error = std::move(why);
    found_.reports.push_back(std::move(report));
  }

  /// It stays in working/ until the one before it is decided; every pass looks again.
  asio::awaitable<void> let_wait(claimed_drop& drop, order_verdict order) {
    drop.record.reason = order_in_words(order);
    auto save = [this, &drop] { parts_.intake.store.update_drop(drop.record); };
    co_await on_store(save);
    note(severity::warning, "drop_waits", drop.record.file + ": " + drop.record.reason,
         drop.record);
    run_report report = blank_report(drop.record);
    report.outcome = run_outcome::held;
    report.reason = drop.record.reason;
    found_.reports.push_back(std::move(report));
  }

  /// The file changed while it was read: it stays in working/, and the next run reads it again.
  static bool is_still_written(const run_report& report) {
    return report.error && report.error->code == "DROP_CHANGED";
  }

  static void remember_plan(drop_record& drop, const run_report& report, const std::string& basis) {
    if (report.drop) {
      drop.digest = report.drop->digest;
      drop.bytes = report.drop->bytes;
      drop.profile = report.drop->profile;
      drop.mode = report.drop->mode;
    }
    drop.totals = report.totals;
    drop.config_digest = basis;
    drop.reason.clear();
  }

  asio::awaitable<void> hold(claimed_drop& drop, run_report& report) {
    report.outcome = run_outcome::held;
    drop.record.reason = report.reason;
    drop.record.run = run_;
    note(severity::warning, "drop_held", drop.record.file + " is held: " + report.reason,
         drop.record);
    co_await finish(drop, drop_state::held);
  }

  asio::awaitable<void> admit(claimed_drop& drop, plan& made, run_report& report) {
    auto save_rejects = [this, &drop, &made] {
      parts_.intake.store.save_rejects(drop.record.number, rejects_of(made));
    };
    co_await on_store(save_rejects);
    drop.record.run = run_;
    auto save = [this, &drop] { parts_.intake.store.update_drop(drop.record); };
    co_await on_store(save);
    const result<void> admitted =
        co_await admit_plan(parts_.intake, job_, made, drop.record.number);
    if (!admitted) {
      report.outcome = run_outcome::failed;
      report.error = admitted.error();
      drop.record.reason = admitted.error().message;
      note(severity::error, "drop_not_admitted", admitted.error().message, drop.record);
      if (!is_still_written(report)) co_await finish(drop, drop_state::failed);
      co_return;
    }
    drop.record.state = drop_state::admitted;
    drop.record.admitted_at = parts_.intake.time.wall();
    note(severity::info, "drop_admitted",
         drop.record.file + ": " + std::to_string(report.totals.read) + " rows read, " +
             std::to_string(report.totals.pending) + " to send",
         drop.record);
    co_await move_file(drop);
  }

  pickup_parts parts_;
  const job_spec& job_;
  std::string run_;
  pickup_options options_;
  std::vector<claimed_drop> claimed_;
  picked_up found_;
};

}  // namespace

bool is_missing(const run_report& report) {
  return report.error && report.error->code == "DROP_MISSING";
}

std::string plan_basis(const job_spec& job, const std::vector<drop_record>& known) {
  const drop_record* last = nullptr;
  for (const drop_record& drop : known) {
    if (drop.state != drop_state::admitted) continue;
    if (last == nullptr || drop.admission > last->admission) last = &drop;
  }
  return job.digest + '/' + std::to_string(last == nullptr ? 0 : last->number);
}

bool same_plan(const drop_record& reviewed, const run_report& now, const std::string& basis) {
  return now.drop && now.drop->digest == reviewed.digest && reviewed.config_digest == basis;
}

asio::awaitable<picked_up> pick_up(pickup_parts parts, const job_spec& job, std::string run,
                                   pickup_options options) {
  pass one(parts, job, std::move(run), std::move(options));
  co_return co_await one.go();
}

}  // namespace patchbay
