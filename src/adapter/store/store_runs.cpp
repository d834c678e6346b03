// The store's side for people and other processes: runs, counts, and requests to the owner.
#include <map>

#include "parts.hpp"

namespace patchbay {
namespace {

run_record read_run(const query& row) {
  return {.run = row.text(0),
          .job = row.text(1),
          .outcome = row.text(2),
          .dry_run = row.number(3) != 0,
          .started_at = time_of(row.number(4)),
          .finished_at = time_of(row.number(5)),
          .json = row.text(6)};
}

}  // namespace

void sqlite_store::save_run(const run_record& run) {
  // In place where it was: the order of the runs is that of their rows, for a wall clock may be set
  // back.
  query save = parts_->base.ask(
      "INSERT INTO run VALUES(?,?,?,?,?,?,?) ON CONFLICT(run) DO UPDATE SET job=excluded.job,"
      " outcome=excluded.outcome, dry_run=excluded.dry_run, started_at=excluded.started_at,"
      " finished_at=excluded.finished_at, json=excluded.json");
  save << run.run << run.job << run.outcome << static_cast<std::int64_t>(run.dry_run)
       << ms_of(run.started_at) << ms_of(run.finished_at) << run.json;
  save.run();
}

std::optional<run_record> sqlite_store::find_run(std::string_view run) {
  query asked = parts_->base.ask(
      "SELECT run, job, outcome, dry_run, started_at, finished_at, json FROM run WHERE run=?");
  asked << run;
  if (!asked.step()) return std::nullopt;
  return read_run(asked);
}

std::vector<run_record> sqlite_store::runs(std::size_t most) {
  query asked = parts_->base.ask(
      "SELECT run, job, outcome, dry_run, started_at, finished_at, json FROM run"
      " ORDER BY rowid DESC LIMIT ?");
  asked << static_cast<std::int64_t>(most);
  std::vector<run_record> found;
  while (asked.step()) found.push_back(read_run(asked));
  return found;
}

std::optional<unreported_run> sqlite_store::unreported() {
  query asked = parts_->base.ask(
      "SELECT h.run, j.name, h.at FROM history h JOIN job j ON j.number=h.job"
      " WHERE h.rowid=(SELECT rowid FROM history WHERE waived_by IS NULL ORDER BY rowid DESC LIMIT "
      "1)"
      " AND NOT EXISTS(SELECT 1 FROM run r"
      "  WHERE r.run=h.run OR (r.job=j.name AND r.started_at>=h.at))");
  if (!asked.step()) return std::nullopt;
  return unreported_run{asked.text(0), asked.text(1), time_of(asked.number(2))};
}

std::vector<field_event> sqlite_store::last_events(std::string_view job, std::string_view key) {
  query asked = parts_->base.ask(
      "SELECT h.field, h.run, d.file, h.line, h.request_id, h.at, h.waived_by,"
      " h.to_value FROM history h JOIN job j ON j.number=h.job LEFT JOIN drop_record d ON "
      "d.number=h.drop_no"
      " WHERE j.name=?1 AND h.key=?2 ORDER BY h.rowid");
  asked << job << key;
  std::map<std::string, field_event> last;
  while (asked.step()) {
    last.insert_or_assign(asked.text(0), field_event{.field = asked.text(0),
                                                     .run = asked.text(1),
                                                     .drop = asked.text(2),
                                                     .line = asked.number(3),
                                                     .request_id = asked.text(4),
                                                     .at = time_of(asked.number(5)),
                                                     .waived_by = asked.text(6),
                                                     .to = value{asked.text(7)}});
  }
  std::vector<field_event> found;
  for (auto& [field, event] : last) found.push_back(std::move(event));
  return found;
}

std::pair<std::string, std::vector<written_field>> sqlite_store::written_by(std::string_view run) {
  query asked = parts_->base.ask(
      "SELECT j.name, h.key, h.field, h.from_value, h.to_value FROM history h"
      " JOIN job j ON j.number=h.job WHERE h.run=?1 AND h.waived_by IS NULL ORDER BY h.rowid");
  asked << run;
  std::pair<std::string, std::vector<written_field>> found;
  while (asked.step()) {
    found.first = asked.text(0);
    written_field one{asked.text(1), asked.text(2), std::nullopt, {asked.text(4)}};
    if (!asked.is_null(3)) one.from = value{asked.text(3)};
    found.second.push_back(std::move(one));
  }
  if (!found.second.empty()) return found;
  // Nothing that it sent was answered, perhaps: its drops tell whose it was.
  query admitted = parts_->base.ask(
      "SELECT j.name FROM drop_record d JOIN job j ON j.number=d.job"
      " WHERE d.run=?1 AND d.state=?2 LIMIT 1");
  admitted << run << code_of(drop_state::admitted);
  if (admitted.step()) found.first = admitted.text(0);
  return found;
}

std::vector<std::string> sqlite_store::left_by(std::string_view run) {
  query asked = parts_->base.ask(
      "SELECT w.key FROM wanted w JOIN drop_record d ON d.number=w.drop_no AND d.state=?2"
      " WHERE w.counted<>?3 AND (d.run=?1 OR w.drop_no IN"
      "  (SELECT h.drop_no FROM history h WHERE h.run=?1"
      "   EXCEPT SELECT o.drop_no FROM history o WHERE o.run<>?1 AND o.waived_by IS NULL"
      "    AND o.rowid<(SELECT MIN(m.rowid) FROM history m WHERE m.run=?1)))");
  asked << run << code_of(drop_state::admitted) << code_of(row_class::unchanged);
  std::vector<std::string> keys;
  while (asked.step()) keys.push_back(asked.text(0));
  return keys;
}

std::int64_t sqlite_store::forget_history(wall_time before) {
  transaction all(parts_->base);
  std::int64_t gone = 0;
  const auto forget = [&gone, before](query asked) {
    asked << ms_of(before);
    gone += asked.run();
  };
  forget(parts_->base.ask("DELETE FROM history WHERE at<?"));
  forget(parts_->base.ask("DELETE FROM run WHERE finished_at<?"));
  forget(parts_->base.ask(
      "DELETE FROM reject WHERE drop_no IN (SELECT number FROM drop_record WHERE claimed_at<?)"));
  all.commit();
  return gone;
}

job_counts sqlite_store::counts(std::string_view job) {
  job_counts made;
  query asked = parts_->base.ask(
      "SELECT (SELECT COUNT(*) FROM wanted w JOIN drop_record d ON d.number=w.drop_no"
      "  AND d.state=?2 WHERE w.job=j.number AND w.counted=?3),"
      " (SELECT COUNT(DISTINCT key) FROM dead_letter l WHERE l.job=j.number),"
      " (SELECT COUNT(*) FROM customer c WHERE c.job=j.number AND c.waived IS NOT NULL),"
      " (SELECT finished_at FROM run WHERE rowid=(SELECT MAX(rowid) FROM run r"
      "  WHERE r.job=j.name AND r.outcome='done' AND r.dry_run=0)),"
      " (SELECT finished_at FROM run WHERE rowid=(SELECT MAX(rowid) FROM run r"
      "  WHERE r.job=j.name AND r.outcome<>'failed' AND r.dry_run=0)),"
      " (SELECT MIN(CASE w.since WHEN 0 THEN d.admitted_at ELSE w.since END) FROM wanted w"
      "  JOIN drop_record d ON d.number=w.drop_no AND d.state=?2"
      "  WHERE w.job=j.number AND w.counted=?3)"
      " FROM job j WHERE j.name=?1");
  asked << job << code_of(drop_state::admitted) << code_of(row_class::pending);
  if (!asked.step()) return made;
  made.pending = asked.number(0);
  made.dead_letters = asked.number(1);
  made.waived = asked.number(2);
  if (!asked.is_null(3)) made.last_success = time_of(asked.number(3));
  if (!asked.is_null(4)) made.last_run = time_of(asked.number(4));
  if (!asked.is_null(5)) made.oldest_pending = time_of(asked.number(5));
  if (made.dead_letters == 0) return made;
  query codes = parts_->base.ask(
      "SELECT code, COUNT(DISTINCT key) FROM dead_letter l JOIN job j ON j.number=l.job"
      " WHERE j.name=?1 GROUP BY code");
  codes << job;
  while (codes.step()) made.letters_by_code.emplace(codes.text(0), codes.number(1));
  return made;
}

std::int64_t sqlite_store::slots_held(request_class kind, nanoseconds per, instant now) {
  query asked = parts_->base.ask(
      "SELECT COUNT(*) FROM slot WHERE class=? AND (released_at IS NULL OR released_at>?)");
  asked << code_of(kind) << std::int64_t{(now - per).count()};
  asked.step();
  return asked.number(0);
}

std::optional<served_schedule> sqlite_store::served(std::string_view job) {
  query asked = parts_->base.ask("SELECT schedule, moment FROM served WHERE job=?");
  asked << job;
  if (!asked.step()) return std::nullopt;
  return served_schedule{asked.text(0), time_of(asked.number(1))};
}

void sqlite_store::save_served(std::string_view job, const served_schedule& done) {
  query save = parts_->base.ask("INSERT OR REPLACE INTO served VALUES(?,?,?)");
  save << job << done.schedule << ms_of(done.moment);
  save.run();
}

void sqlite_store::leave_request(const owner_request& request) {
  query save =
      parts_->base.ask("INSERT INTO owner_request(kind, job, subject, who, at) VALUES(?,?,?,?,?)");
  save << code_of(request.kind) << request.job << request.subject << request.who
       << ms_of(request.at);
  save.run();
}

std::vector<owner_request> sqlite_store::requests() {
  query asked = parts_->base.ask(
      "SELECT number, kind, job, subject, who, at FROM owner_request ORDER BY number");
  std::vector<owner_request> found;
  while (asked.step()) {
    found.push_back({.number = asked.number(0),
                     .kind = static_cast<request_kind>(asked.number(1)),
                     .job = asked.text(2),
                     .subject = asked.text(3),
                     .who = asked.text(4),
                     .at = time_of(asked.number(5))});
  }
  return found;
}

void sqlite_store::erase_request(std::int64_t number) {
  query gone = parts_->base.ask("DELETE FROM owner_request WHERE number=?");
  gone << number;
  gone.run();
}

}  // namespace patchbay
