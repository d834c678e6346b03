// The store's side of intake: drops, their rejects, and the groups of the API.
#include "parts.hpp"

namespace patchbay {
namespace {

void bind_drop(query& save, const drop_record& drop) {
  save << drop.file << drop.stored_as << code_of(drop.state) << code_of(drop.mode) << drop.digest
       << drop.config_digest << drop.bytes << ms_of(drop.claimed_at) << ms_of(drop.admitted_at)
       << drop.reason << drop.profile << drop.totals.read << drop.totals.unchanged
       << drop.totals.applied << drop.totals.rejected << drop.totals.superseded << drop.totals.held
       << drop.totals.pending << drop.sequence
       << (drop.as_of ? std::optional(ms_of(*drop.as_of)) : std::nullopt) << code_of(drop.origin)
       << drop.decision << drop.run;
}

drop_record read_drop(const query& row) {
  drop_record drop;
  drop.number = row.number(0);
  drop.job = row.text(1);
  drop.file = row.text(2);
  drop.stored_as = row.text(3);
  drop.state = static_cast<drop_state>(row.number(4));
  drop.mode = static_cast<drop_mode>(row.number(5));
  drop.digest = row.text(6);
  drop.config_digest = row.text(7);
  drop.bytes = row.number(8);
  drop.claimed_at = time_of(row.number(9));
  drop.admitted_at = time_of(row.number(10));
  drop.reason = row.text(11);
  drop.profile = row.text(12);
  drop.totals = {.read = row.number(13),
                 .unchanged = row.number(14),
                 .applied = row.number(15),
                 .rejected = row.number(16),
                 .superseded = row.number(17),
                 .held = row.number(18),
                 .pending = row.number(19)};
  if (!row.is_null(20)) drop.sequence = row.number(20);
  if (!row.is_null(21)) drop.as_of = time_of(row.number(21));
  drop.origin = static_cast<drop_origin>(row.number(22));
  drop.decision = row.text(23);
  drop.admission = row.number(24);
  drop.run = row.text(25);
  return drop;
}

constexpr const char* all_drops =
    "SELECT d.number, j.name, d.file, d.stored_as, d.state, d.mode, d.digest, d.config_digest,"
    " d.bytes, d.claimed_at, d.admitted_at, d.reason, d.profile, d.rows_read, d.unchanged, "
    "d.applied,"
    " d.rejected, d.superseded, d.held, d.pending, d.sequence, d.as_of, d.correction,"
    " d.decision, d.admission, d.run"
    " FROM drop_record d JOIN job j ON j.number=d.job WHERE (?1='' OR j.name=?1) ORDER BY d.number";

}  // namespace

drop_number sqlite_store::register_drop(const drop_record& record) {
  transaction all(parts_->base);
  drop_number made = 0;
  {
    const job_number job = need_job(parts_->base, record.job);
    query save = parts_->base.ask(
        "INSERT INTO drop_record(job, file, stored_as, state, mode, digest, config_digest, bytes,"
        " claimed_at, admitted_at, reason, profile, rows_read, unchanged, applied, rejected, "
        "superseded,"
        " held, pending, sequence, as_of, correction, decision, run)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    save << job;
    bind_drop(save, record);
    save.run();
    made = parts_->base.last_row();
  }
  all.commit();
  return made;
}

void sqlite_store::update_drop(const drop_record& record) {
  transaction all(parts_->base);
  drop_record kept = record;
  {
    query asked = parts_->base.ask(
        "SELECT rows_read, unchanged, applied, rejected, superseded, held, pending"
        " FROM drop_record WHERE number=? AND state=?");
    asked << record.number << code_of(drop_state::admitted);
    if (asked.step()) {
      kept.totals = {.read = asked.number(0),
                     .unchanged = asked.number(1),
                     .applied = asked.number(2),
                     .rejected = asked.number(3),
                     .superseded = asked.number(4),
                     .held = asked.number(5),
                     .pending = asked.number(6)};
    }
  }
  {
    query save = parts_->base.ask(
        "UPDATE drop_record SET file=?, stored_as=?, state=?, mode=?, digest=?, config_digest=?,"
        " bytes=?, claimed_at=?, admitted_at=?, reason=?, profile=?, rows_read=?, unchanged=?, "
        "applied=?,"
        " rejected=?, superseded=?, held=?, pending=?, sequence=?, as_of=?, correction=?,"
        " decision=?, run=? WHERE number=?");
    bind_drop(save, kept);
    save << record.number;
    save.run();
  }
  all.commit();
}

std::vector<drop_record> sqlite_store::drops(std::string_view job) {
  query asked = parts_->base.ask(all_drops);
  asked << job;
  std::vector<drop_record> found;
  while (asked.step()) found.push_back(read_drop(asked));
  return found;
}

void sqlite_store::save_rejects(drop_number drop, std::span<const reject_entry> rejects) {
  transaction all(parts_->base);
  {
    query gone = parts_->base.ask("DELETE FROM reject WHERE drop_no=?");
    gone << drop;
    gone.run();
  }
  for (const reject_entry& one : rejects) {
    query save = parts_->base.ask("INSERT INTO reject VALUES(?,?,?,?,?,?,?,?,?)");
    save << drop << one.key << one.file << one.line << one.column << one.field << one.code
         << one.message << one.request_id;
    save.run();
  }
  all.commit();
}

std::vector<reject_entry> sqlite_store::rejects(drop_number drop) {
  query asked = parts_->base.ask(
      "SELECT key, file, line, column_name, field, code, message, request_id FROM reject"
      " WHERE drop_no=? ORDER BY line, rowid");
  asked << drop;
  std::vector<reject_entry> found;
  while (asked.step()) {
    found.push_back({.key = asked.text(0),
                     .file = asked.text(1),
                     .line = asked.number(2),
                     .column = asked.text(3),
                     .field = asked.text(4),
                     .code = asked.text(5),
                     .message = asked.text(6),
                     .request_id = asked.text(7)});
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> sqlite_store::groups() {
  query asked = parts_->base.ask("SELECT code, id FROM customer_group");
  std::vector<std::pair<std::string, std::string>> found;
  while (asked.step()) found.emplace_back(asked.text(0), asked.text(1));
  return found;
}

void sqlite_store::save_groups(std::span<const std::pair<std::string, std::string>> groups) {
  transaction all(parts_->base);
  for (const auto& [code, id] : groups) {
    query save = parts_->base.ask("INSERT OR REPLACE INTO customer_group VALUES(?,?)");
    save << code << id;
    save.run();
  }
  all.commit();
}

}  // namespace patchbay
