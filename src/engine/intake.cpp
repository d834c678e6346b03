#include "patchbay/engine/intake.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "intake_compare.hpp"
#include "intake_plan.hpp"
#include "intake_progress.hpp"
#include "own_rows.hpp"
#include "patchbay/protocol/profile_json.hpp"

namespace patchbay {
namespace intake {
namespace {

namespace asio = boost::asio;

/// Unresolved rows gather until this many fill their GETs; the rest are asked for at the end.
constexpr std::size_t enough_to_read = 40 * 25;
constexpr std::size_t page_rows = 25;

using step = unless_stopped<bool>;

/// One drop on its way to a plan. A coroutine per stage; each stage judges rows into the ledger.
class planning {
 public:
  planning(intake_parts parts, const job_spec& job, plan_options options)
      : parts_(parts),
        job_(job),
        options_(std::move(options)),
        made_(new plan),
        resolver_({parts.api, parts.base_path, parts.store, parts.store_lane, parts.sealing}, job,
                  options_.origin == drop_origin::adopt),
        progress_(parts.time, parts.watcher, job.name) {
    made_->ledger.keep_in(parts.make_spool());
    made_->report.skipped = options_.skipped;
  }

  asio::awaitable<unless_stopped<plan_ptr>> go(std::filesystem::path path, std::string file);

 private:
  asio::awaitable<std::optional<fault>> open(std::filesystem::path path, std::string file);
  asio::awaitable<step> read_rows();
  [[nodiscard]] std::optional<fault> differs_from_marker() const;
  asio::awaitable<void> read_more(scanned& into);
  asio::awaitable<step> take(scanned found);
  asio::awaitable<void> take_into(step& taken, scanned found);
  asio::awaitable<step> check_groups(std::vector<parsed_row>& rows);
  asio::awaitable<step> read_unknown(bool all);
  asio::awaitable<void> complete();

  void judge(parsed_row row, std::optional<customer_levels> levels);
  void weigh_row(const parsed_row& row, const customer_levels& levels, bool created);
  void accept(resolution decided);
  void refuse(ledger_entry& entry, const parsed_row& row, std::string code, std::string message);
  void refuse_group(parsed_row& row, const field_spec& spec);
  [[nodiscard]] std::int64_t still_unknown() const {
    return static_cast<std::int64_t>(unknown_.size() + incomplete_.size());
  }
  [[nodiscard]] std::vector<waiting_row> take_pages(std::vector<waiting_row>& waiting, bool all);

  intake_parts parts_;
  const job_spec& job_;
  plan_options options_;
  plan_ptr made_;
  customer_resolver resolver_;
  planning_progress progress_;
  std::vector<waiting_row> unknown_;     ///< customers never seen, or forgotten
  std::vector<waiting_row> incomplete_;  ///< known ones with a field that was never read
  std::set<std::string> codes_;          ///< groups that exist
  std::set<std::string> missing_codes_;
  std::optional<fault> failed_;  ///< the drop as a whole
  std::int64_t resolved_ = 0;
};

asio::awaitable<unless_stopped<plan_ptr>> planning::go(std::filesystem::path path,
                                                       std::string file) {
  const std::optional<fault> refused = co_await open(std::move(path), std::move(file));
  if (refused) {
    refuse_drop(*made_, *refused, options_);
    co_return std::move(made_);
  }
  const step read = co_await read_rows();
  if (!read) co_return read.error();
  if (!failed_) failed_ = differs_from_marker();
  if (failed_) {
    refuse_drop(*made_, *failed_, options_);
    co_return std::move(made_);
  }
  co_await complete();
  co_return std::move(made_);
}

asio::awaitable<std::optional<fault>> planning::open(std::filesystem::path path, std::string file) {
  run_report& report = made_->report;
  report.job = job_.name;
  report.started_at = report.as_of = report.finished_at = parts_.time.wall();
  report.drop.emplace();
  report.drop->job = job_.name;
  report.drop->file = file;
  report.drop->mode = job_.source.mode;
  report.drop->origin = options_.origin;
  report.drop->config_digest = job_.digest;

  auto ask = [this] {
    for (const auto& [code, id] : parts_.store.groups()) {
      if (!id.empty()) codes_.insert(code);
    }
    return parts_.store.identity();
  };
  const store_identity identity = co_await parts_.store_lane.run(ask);
  scan_parts reading{parts_.opener, parts_.lines, parts_.sealing, std::move(file), options_.admits};
  made_->scan = std::make_unique<drop_scan>(std::move(reading), identity.secret);
  auto begin = [this, &path] { return made_->scan->open(path, job_); };
  const result<void> opened = co_await parts_.rows.run(begin);
  if (made_->scan->opened()) report.drop->bytes = made_->scan->reader().size_bytes();
  if (!opened) co_return opened.error();
  // Corrected rows come back with our two columns: they are some customers, never all.
  if (holds_corrections(made_->scan->reader().header())) report.drop->mode = drop_mode::delta;
  co_return std::nullopt;
}

std::optional<fault> planning::differs_from_marker() const {
  const std::int64_t rows = made_->scan->rows();
  if (!options_.expected_rows || *options_.expected_rows == rows) return std::nullopt;
  return fault{"MARKER_ROWS_DIFFER", "the drop has " + std::to_string(rows) +
                                         " rows, its marker says " +
                                         std::to_string(*options_.expected_rows) +
                                         ": the export is not whole, or the marker is another "
                                         "file's; deliver both again"};
}

asio::awaitable<step> planning::read_rows() {
  // While some rows are compared with the store, the next ones are read: two lanes, two cores.
  const auto executor = co_await asio::this_coro::executor;
  step taken = true;
  scanned next;
  co_await read_more(next);
  while (taken && !next.failed) {
    scanned now = std::exchange(next, {});
    const bool at_end = now.at_end;
    if (at_end) {
      taken = co_await take(std::move(now));
      break;
    }
    auto both = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, take_into(taken, std::move(now)), asio::deferred),
        asio::co_spawn(executor, read_more(next), asio::deferred));
    auto [order, take_failed, read_failed] =
        co_await both.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    if (take_failed) std::rethrow_exception(take_failed);
    if (read_failed) std::rethrow_exception(read_failed);
  }
  if (!taken) co_return taken.error();
  if (next.failed) {
    failed_ = std::move(next.failed);
    co_return true;
  }
  co_return co_await read_unknown(true);
}

asio::awaitable<void> planning::read_more(scanned& into) {
  auto read = [this] { return made_->scan->read_some(); };
  into = co_await parts_.rows.run(read);
}

asio::awaitable<void> planning::take_into(step& taken, scanned found) {
  taken = co_await take(std::move(found));
}

asio::awaitable<step> planning::take(scanned found) {
  for (reject_entry& why : found.unread) made_->ledger.reject_unread(std::move(why));
  progress_.reading(found.rows_so_far, found.bytes_so_far, made_->report.drop->bytes);
  if (found.rows.empty()) co_return true;
  for (const parsed_row& row : found.rows) made_->ledger.claim(row);
  std::erase_if(found.rows,
                [this](const parsed_row& row) { return made_->ledger.entry_of(row) == nullptr; });
  std::vector<std::string> keys;
  keys.reserve(found.rows.size());
  for (const parsed_row& row : found.rows) keys.push_back(row.key);
  auto ask = [this, &keys] { return parts_.store.lookup(job_.name, keys); };
  std::vector<customer_levels> stored = co_await parts_.store_lane.run(ask);
  std::unordered_map<std::string, customer_levels*> by_key;
  for (customer_levels& one : stored) by_key.emplace(one.key, &one);
  for (parsed_row& row : found.rows) {
    const auto known = by_key.find(row.key);
    const customer_levels* levels = known == by_key.end() ? nullptr : known->second;
    say_as_meant(row, levels, job_.mapping, options_.origin);
  }
  const step grouped = co_await check_groups(found.rows);
  if (!grouped) co_return grouped.error();
  for (parsed_row& row : found.rows) {
    const auto known = by_key.find(row.key);
    std::optional<customer_levels> levels;
    if (known != by_key.end()) levels = std::move(*known->second);
    judge(std::move(row), std::move(levels));
  }
  co_return co_await read_unknown(false);
}

void planning::judge(parsed_row row, std::optional<customer_levels> levels) {
  ledger_entry& entry = *made_->ledger.entry_of(row);
  entry.known = levels.has_value();
  if (!row.faults.empty()) {
    entry.invalid = true;
    made_->ledger.set_rejected(entry, std::move(row.faults));
    return;
  }
  const bool unknown = !levels || levels->id.empty();
  const bool adopts = options_.origin == drop_origin::adopt;
  if (!unknown && !adopts && !needs_read(row, *levels, job_.mapping)) {
    weigh_row(row, *levels, false);
  } else if (parts_.api == nullptr) {
    made_->ledger.set_unresolved(entry);
  } else {
    (unknown ? unknown_ : incomplete_).push_back({std::move(row), std::move(levels)});
  }
}

void planning::weigh_row(const parsed_row& row, const customer_levels& levels, bool created) {
  ledger_entry* entry = made_->ledger.entry_of(row);
  if (entry == nullptr) return;
  const compare_rules rules{job_.mapping, parts_.sealing, made_->report.started_at,
                            options_.origin};
  compared_row compared = compare(row, levels, rules);
  entry->created = created;
  entry->waived = compared.waived;
  std::move(compared.skipped.begin(), compared.skipped.end(),
            std::back_inserter(made_->report.skipped));
  if (compared.change) {
    made_->ledger.set_changed(*entry, *compared.change);
  } else {
    // A waived customer stays out of the set, so that every run counts it as waived.
    const bool enters = levels.waived.empty() && !is_values_drop(options_.origin);
    made_->ledger.set_unchanged(*entry, row, enters);
  }
}

asio::awaitable<step> planning::check_groups(std::vector<parsed_row>& rows) {
  const auto by_code = std::find_if(
      job_.mapping.fields.begin(), job_.mapping.fields.end(), [](const field_spec& spec) {
        return spec.kind == field_kind::customer_group && spec.lookup_code;
      });
  if (by_code == job_.mapping.fields.end()) co_return true;
  const auto code_of = [&by_code](const parsed_row& row) -> std::string {
    const auto found = row.fields.find(by_code->name);
    return found == row.fields.end() || is_null(found->second) ? "" : plain_text(found->second);
  };
  std::set<std::string> unknown;
  for (const parsed_row& row : rows) {
    std::string code = code_of(row);
    if (code.empty() || codes_.contains(code) || missing_codes_.contains(code)) continue;
    unknown.insert(std::move(code));
  }
  if (!unknown.empty() && parts_.api != nullptr) {
    const read_from from{*parts_.api, parts_.base_path, job_.mapping};
    std::vector<std::string> asked(unknown.begin(), unknown.end());
    unless_stopped<group_ids> read = co_await read_group_codes(from, std::move(asked));
    if (!read) co_return read.error();
    for (const std::string& code : unknown) {
      (read->contains(code) ? codes_ : missing_codes_).insert(code);
    }
    made_->new_groups.merge(std::move(*read));
  }
  for (parsed_row& row : rows) {
    const std::string code = code_of(row);
    if (missing_codes_.contains(code)) refuse_group(row, *by_code);
  }
  co_return true;
}

void planning::refuse_group(parsed_row& row, const field_spec& spec) {
  const std::string code = plain_text(row.fields.at(spec.name));
  row.faults.push_back({.key = row.key,
                        .file = made_->report.drop->file,
                        .line = row.line,
                        .column = spec.columns.empty() ? std::string() : spec.columns.front(),
                        .field = spec.name,
                        .code = "GROUP_NOT_FOUND",
                        .message = "the API has no customer group with the code " + code,
                        .request_id = {}});
}

/// Whole pages only, until the end of the drop: 10,000 new customers are 400 GETs.
std::vector<waiting_row> planning::take_pages(std::vector<waiting_row>& waiting, bool all) {
  std::erase_if(waiting, [this](const waiting_row& one) {
    return made_->ledger.entry_of(one.row) == nullptr;
  });
  const std::size_t now = all ? waiting.size() : waiting.size() / page_rows * page_rows;
  const auto cut = waiting.begin() + static_cast<std::ptrdiff_t>(now);
  std::vector<waiting_row> taken(std::move_iterator(waiting.begin()), std::move_iterator(cut));
  waiting.erase(waiting.begin(), cut);
  return taken;
}

asio::awaitable<step> planning::read_unknown(bool all) {
  if (!unknown_.empty() && (all || unknown_.size() >= enough_to_read)) {
    std::vector<waiting_row> rows = take_pages(unknown_, all);
    resolved_ += static_cast<std::int64_t>(rows.size());
    auto decided = co_await resolver_.find(std::move(rows));
    if (!decided) co_return decided.error();
    for (resolution& one : *decided) accept(std::move(one));
    progress_.resolving(resolved_, resolved_ + still_unknown());
  }
  if (!incomplete_.empty() && (all || incomplete_.size() >= enough_to_read)) {
    std::vector<waiting_row> rows = take_pages(incomplete_, all);
    resolved_ += static_cast<std::int64_t>(rows.size());
    auto decided = co_await resolver_.read_again(std::move(rows));
    if (!decided) co_return decided.error();
    for (resolution& one : *decided) accept(std::move(one));
    progress_.resolving(resolved_, resolved_ + still_unknown());
  }
  co_return true;
}

void planning::accept(resolution decided) {
  if (auto* found = std::get_if<resolved_row>(&decided)) {
    weigh_row(found->from.row, found->levels, found->created);
  } else if (auto* refused = std::get_if<refused_row>(&decided)) {
    ledger_entry* entry = made_->ledger.entry_of(refused->row);
    if (entry == nullptr) return;
    entry->not_found = refused->not_found;
    refuse(*entry, refused->row, refused->code, refused->message);
  } else if (auto* contested = std::get_if<contested_claim>(&decided)) {
    ledger_entry* entry = made_->ledger.entry_of(contested->customer);
    if (entry == nullptr || entry->fate == row_fate::rejected) return;
    entry->created = false;
    parsed_row row;
    row.key = contested->key;
    row.line = entry->line;
    refuse(*entry, row, contested->code, contested->message);
  }
}

void planning::refuse(ledger_entry& entry, const parsed_row& row, std::string code,
                      std::string message) {
  reject_entry why;
  why.key = row.key;
  why.file = made_->report.drop->file;
  why.line = row.line;
  why.column = job_.mapping.key_column;
  why.code = std::move(code);
  why.message = std::move(message);
  std::vector<reject_entry> reasons;
  reasons.push_back(std::move(why));
  made_->ledger.set_rejected(entry, std::move(reasons));
}

asio::awaitable<void> planning::complete() {
  drop_scan& scan = *made_->scan;
  row_ledger& ledger = made_->ledger;
  ledger.superseded_lines(scan.superseded());
  ledger.unchanged_lines(scan.unchanged());
  ledger.reconcile(parts_.lines, scan.seen());
  made_->learned = resolver_.learned();
  made_->drifted = resolver_.drifted();
  std::ranges::copy(resolver_.hidden(), std::back_inserter(made_->report.skipped));

  plan_figures figures;
  figures.now = made_->report.started_at;
  figures.snapshot = made_->report.drop->mode == drop_mode::snapshot;
  std::int64_t last_admission = 0;
  auto ask = [this, &figures, &last_admission] {
    figures.known_before = parts_.store.known_customers(job_.name);
    for (const drop_record& drop : parts_.store.drops(job_.name)) {
      if (drop.state != drop_state::admitted) continue;
      figures.pending_before += drop.totals.pending;
      if (drop.mode != made_->report.drop->mode || drop.profile.empty()) continue;
      if (drop.admission < last_admission) continue;
      last_admission = drop.admission;
      figures.last = parse_profile(drop.profile);
      figures.present_before = drop.totals.read - drop.totals.superseded - drop.totals.rejected;
    }
  };
  co_await parts_.store_lane.run(ask);
  figures.known_seen = scan.seen().count() + ledger.known_beside(parts_.lines, scan.seen());
  made_->report.drop->digest = scan.digest();
  complete_report(*made_, job_, figures, options_);
  made_->report.finished_at = parts_.time.wall();
}

}  // namespace
}  // namespace intake

boost::asio::awaitable<unless_stopped<plan_ptr>> make_plan(intake_parts parts, const job_spec& job,
                                                           std::filesystem::path path,
                                                           std::string file, plan_options options) {
  intake::planning one(parts, job, std::move(options));
  co_return co_await one.go(std::move(path), std::move(file));
}

}  // namespace patchbay
