#include "patchbay/engine/pickup.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "drop_places.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

/// One file on its way: its record in the store, and the folder in which it lies now.
struct claimed_drop {
  drop_record record;
  folder lies_in = folder::working;
};

/// The work of one pass over one job; a coroutine per step, so that each stays readable.
class pass {
 public:
  pass(pickup_parts parts, const job_spec& job, std::string run, pickup_options options)
      : parts_(parts), job_(job), run_(std::move(run)), options_(std::move(options)) {}

  asio::awaitable<picked_up> go() {
    co_await gather_left_over();
    co_await claim_waiting();
    co_await supersede_older_snapshots();
    for (claimed_drop& drop : claimed_) {
      if (drop.record.state != drop_state::working && drop.record.state != drop_state::approved) {
        continue;
      }
      const bool go_on = co_await take_in(drop);
      if (!go_on) break;
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
    parts_.intake.watcher.note(how, event, text, {{"job", job_.name}, {"drop", drop.file}});
  }

  /// Drops that a killed process claimed and did not finish, and approved ones.
  asio::awaitable<void> gather_left_over() {
    auto ask = [this] { return parts_.intake.store.drops(job_.name); };
    const std::vector<drop_record> known = co_await on_store(ask);
    auto list = [this] { return parts_.spool.lying_in(folder::working); };
    const result<std::vector<std::string>> lying = co_await on_rows(list);
    for (const drop_record& drop : known) {
      if (drop.state == drop_state::working) claimed_.push_back({drop, folder::working});
      if (drop.state == drop_state::approved) claimed_.push_back({drop, folder::held});
    }
    if (!lying) co_return;
    for (const std::string& name : *lying) {
      const auto named = [&name](const drop_record& drop) {
        return name_in(drop, folder::working) == name;
      };
      const bool registered = std::any_of(known.begin(), known.end(), named);
      if (!registered) co_await remember(name, name);
    }
  }

  asio::awaitable<void> remember(std::string file, std::string stored_as) {
    drop_record drop;
    drop.job = job_.name;
    drop.file = std::move(file);
    drop.stored_as = place(folder::working, stored_as);
    drop.mode = job_.source.mode;
    drop.claimed_at = parts_.intake.time.wall();
    auto save = [this, &drop] { return parts_.intake.store.register_drop(drop); };
    drop.number = co_await on_store(save);
    note(severity::info, "drop_claimed", "claimed " + drop.file, drop);
    claimed_.push_back({std::move(drop), folder::working});
  }

  asio::awaitable<void> claim_waiting() {
    if (options_.named) {
      co_await claim_named();
      co_return;
    }
    if (!options_.claim_waiting) co_return;
    auto list = [this] { return parts_.spool.waiting(); };
    const result<std::vector<waiting_drop>> waiting = co_await on_rows(list);
    if (!waiting) {
      fail_without_drop(waiting.error(), {});
      co_return;
    }
    for (const waiting_drop& drop : *waiting) co_await claim_one(drop);
  }

  asio::awaitable<void> claim_one(waiting_drop drop) {
    auto claim = [this, &drop] { return parts_.spool.claim(drop); };
    const result<std::string> name = co_await on_rows(claim);
    if (name) {
      co_await remember(drop.file, *name);
    } else {
      drop_record refused;
      refused.file = drop.file;
      note(severity::error, "drop_refused", name.error().message, refused);
      fail_without_drop(name.error(), drop.file);
    }
  }

  /// A file inside the job's directory is claimed, one from elsewhere is copied.
  asio::awaitable<void> claim_named() {
    const std::filesystem::path path = *options_.named;
    std::error_code ignored;
    if (std::filesystem::equivalent(path.parent_path().empty() ? "." : path.parent_path(),
                                    job_.source.directory, ignored)) {
      waiting_drop drop;
      drop.file = path.filename().string();
      drop.path = path;
      co_await claim_one(std::move(drop));
      co_return;
    }
    auto copy = [this, &path] { return parts_.spool.copy_in(path); };
    const result<std::string> name = co_await on_rows(copy);
    if (name) {
      co_await remember(path.filename().string(), *name);
    } else {
      fail_without_drop(name.error(), path.filename().string());
    }
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

  /// Of several snapshots the newest counts; the older ones are reported and put away.
  asio::awaitable<void> supersede_older_snapshots() {
    if (job_.source.mode != drop_mode::snapshot) co_return;
    std::vector<claimed_drop*> fresh;
    for (claimed_drop& drop : claimed_) {
      if (drop.record.state != drop_state::working) continue;
      const bool some_rows = co_await is_correction(drop.record);
      if (!some_rows) fresh.push_back(&drop);
    }
    for (std::size_t i = 0; i + 1 < fresh.size(); ++i) {
      drop_record& drop = fresh[i]->record;
      const std::int64_t rows = co_await count_rows(drop);
      drop.totals = {};
      drop.totals.read = drop.totals.superseded = rows;
      drop.reason = "a newer snapshot was waiting: " + fresh.back()->record.file;
      co_await finish(*fresh[i], drop_state::superseded);
      run_report report = blank_report(drop);
      report.totals = drop.totals;
      report.reason = drop.reason;
      found_.reports.push_back(std::move(report));
    }
  }

  /// Rows that were refused and come back corrected: some customers, never all.
  asio::awaitable<bool> is_correction(const drop_record& drop) {
    const std::filesystem::path path =
        parts_.spool.path_of(name_in(drop, folder::working).value_or(drop.file), folder::working);
    auto look = [this, &path] {
      auto opened = parts_.intake.opener.open(path);
      return opened && holds_corrections((*opened)->header());
    };
    co_return co_await on_rows(look);
  }

  asio::awaitable<std::int64_t> count_rows(const drop_record& drop) {
    const std::filesystem::path path =
        parts_.spool.path_of(name_in(drop, folder::working).value_or(drop.file), folder::working);
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

  /// False: a stop, nothing more can be taken in.
  asio::awaitable<bool> take_in(claimed_drop& drop) {
    auto forget = [this, &drop] { parts_.intake.store.unstage(drop.record.number); };
    co_await on_store(forget);
    const bool approved = drop.record.state == drop_state::approved;
    plan_options planning{.list_all = options_.list_all, .ignore_budgets = approved, .pace = {}};
    if (parts_.pace) planning.pace = parts_.pace();
    const std::filesystem::path path = parts_.spool.path_of(
        name_in(drop.record, drop.lies_in).value_or(drop.record.file), drop.lies_in);
    const std::string basis = co_await plan_basis();
    unless_stopped<plan_ptr> made =
        co_await make_plan(parts_.intake, job_, path, drop.record.file, planning);
    if (!made) {
      found_.stopped = made.error();
      co_return false;
    }
    const bool stale = approved && !same_plan(drop.record, report_of(**made), basis);
    if (stale) hold_plan(**made);
    run_report report = report_of(**made);
    report.run = run_;
    report.job = job_.name;
    remember_plan(drop.record, report, basis);
    if (report.outcome == run_outcome::failed) {
      drop.record.reason = report.error ? report.error->message : report.reason;
      note(severity::error, "drop_failed", drop.record.file + ": " + drop.record.reason,
           drop.record);
      if (!is_still_written(report)) co_await finish(drop, drop_state::failed);
    } else if (report.outcome == run_outcome::held || stale) {
      if (stale) report.reason = "what was approved is not what would be sent now: review it again";
      co_await hold(drop, report);
    } else {
      co_await admit(drop, **made, report);
    }
    report.drop = drop.record;
    found_.reports.push_back(std::move(report));
    co_return true;
  }

  /// What a plan depends on beside the drop's bytes: the configuration, and what was admitted
  /// last. Settles in between do not make it another.
  asio::awaitable<std::string> plan_basis() {
    auto ask = [this] { return parts_.intake.store.drops(job_.name); };
    const std::vector<drop_record> known = co_await on_store(ask);
    const drop_record* last = nullptr;
    for (const drop_record& drop : known) {
      if (drop.state != drop_state::admitted) continue;
      if (last == nullptr || drop.admitted_at >= last->admitted_at) last = &drop;
    }
    co_return job_.digest + '/' + std::to_string(last == nullptr ? 0 : last->number);
  }

  /// The file changed while it was read: it stays in working/, and the next run reads it again.
  static bool is_still_written(const run_report& report) {
    return report.error && report.error->code == "DROP_CHANGED";
  }

  /// An approval is for the plan that was reviewed.
  static bool same_plan(const drop_record& reviewed, const run_report& now,
                        const std::string& basis) {
    return now.drop && now.drop->digest == reviewed.digest && reviewed.config_digest == basis;
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
    note(severity::warning, "drop_held", drop.record.file + " is held: " + report.reason,
         drop.record);
    co_await finish(drop, drop_state::held);
  }

  asio::awaitable<void> admit(claimed_drop& drop, plan& made, run_report& report) {
    auto save_rejects = [this, &drop, &made] {
      parts_.intake.store.save_rejects(drop.record.number, rejects_of(made));
    };
    co_await on_store(save_rejects);
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

asio::awaitable<picked_up> pick_up(pickup_parts parts, const job_spec& job, std::string run,
                                   pickup_options options) {
  pass one(parts, job, std::move(run), std::move(options));
  co_return co_await one.go();
}

}  // namespace patchbay
