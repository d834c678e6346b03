// The store's side for people and other processes: runs, dead letters, counts, requests.
#include "parts.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

constexpr auto admitted_state = static_cast<std::int64_t>(drop_state::admitted);

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
  query save = parts_->base.ask("INSERT OR REPLACE INTO run VALUES(?,?,?,?,?,?,?)");
  save << run.run << run.job << run.outcome << static_cast<std::int64_t>(run.dry_run)
       << number_of(run.started_at) << number_of(run.finished_at) << run.json;
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
      " ORDER BY started_at DESC, rowid DESC LIMIT ?");
  asked << static_cast<std::int64_t>(most);
  std::vector<run_record> found;
  while (asked.step()) found.push_back(read_run(asked));
  return found;
}

std::vector<dead_letter> sqlite_store::dead_letters(std::string_view job) {
  std::vector<std::pair<std::int64_t, std::string>> keys;
  {
    query asked = parts_->base.ask(
        "SELECT DISTINCT l.job, l.key FROM dead_letter l JOIN job j ON j.number=l.job"
        " WHERE (?1='' OR j.name=?1) ORDER BY l.job, l.key");
    asked << job;
    while (asked.step()) keys.emplace_back(asked.number(0), asked.text(1));
  }
  std::vector<dead_letter> found;
  for (const auto& [number, key] : keys) {
    const std::string name = parts_->job_name(number);
    for (dead_letter& letter : parts_->load_letters(number, name, key)) {
      found.push_back(std::move(letter));
    }
  }
  return found;
}

std::vector<reject_entry> sqlite_store::rejects(drop_number drop) {
  query asked = parts_->base.ask(
      "SELECT key, file, line, column_name, field, code, message FROM reject WHERE drop_no=?"
      " ORDER BY line");
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
                     .request_id = {}});
  }
  return found;
}

job_counts sqlite_store::counts(std::string_view job) {
  job_counts made;
  query asked = parts_->base.ask(
      "SELECT (SELECT COUNT(*) FROM wanted w JOIN drop_record d ON d.number=w.drop_no"
      "  AND d.state=?2 WHERE w.job=j.number AND w.counted=?3),"
      " (SELECT COUNT(DISTINCT key) FROM dead_letter l WHERE l.job=j.number),"
      " (SELECT COUNT(*) FROM customer c WHERE c.job=j.number AND c.waived IS NOT NULL),"
      " (SELECT MAX(finished_at) FROM run r WHERE r.job=j.name AND r.outcome='done'"
      "  AND r.dry_run=0)"
      " FROM job j WHERE j.name=?1");
  asked << job << admitted_state << static_cast<std::int64_t>(row_class::pending);
  if (!asked.step()) return made;
  made.pending = asked.number(0);
  made.dead_letters = asked.number(1);
  made.waived = asked.number(2);
  if (!asked.is_null(3)) made.last_success = time_of(asked.number(3));
  return made;
}

std::int64_t sqlite_store::slots_held(request_class kind, nanoseconds per, instant now) {
  query asked = parts_->base.ask(
      "SELECT COUNT(*) FROM slot WHERE class=? AND (released_at IS NULL OR released_at>?)");
  asked << static_cast<std::int64_t>(kind) << (now - per).count();
  asked.step();
  return asked.number(0);
}

void sqlite_store::leave_request(const owner_request& request) {
  query save =
      parts_->base.ask("INSERT INTO owner_request(kind, subject, who, at) VALUES(?,?,?,?)");
  save << static_cast<std::int64_t>(request.kind) << request.subject << request.who
       << number_of(request.at);
  save.run();
}

std::vector<owner_request> sqlite_store::requests() {
  query asked =
      parts_->base.ask("SELECT number, kind, subject, who, at FROM owner_request ORDER BY number");
  std::vector<owner_request> found;
  while (asked.step()) {
    found.push_back({.number = asked.number(0),
                     .kind = static_cast<request_kind>(asked.number(1)),
                     .subject = asked.text(2),
                     .who = asked.text(3),
                     .at = time_of(asked.number(4))});
  }
  return found;
}

void sqlite_store::erase_request(std::int64_t number) {
  query gone = parts_->base.ask("DELETE FROM owner_request WHERE number=?");
  gone << number;
  gone.run();
}

std::int64_t sqlite_store::retry_dead(std::string_view key, wall_time now) {
  transaction all(parts_->base);
  query count =
      parts_->base.ask("SELECT COUNT(DISTINCT key) FROM dead_letter WHERE (?1='' OR key=?1)");
  count << key;
  count.step();
  query save = parts_->base.ask(
      "UPDATE dead_letter SET next_retry=MIN(next_retry, ?2) WHERE (?1='' OR key=?1)");
  save << key << number_of(now);
  save.run();
  all.commit();
  return count.number(0);
}

std::int64_t sqlite_store::drop_dead(std::string_view key, std::string_view who, wall_time now) {
  transaction all(parts_->base);
  std::vector<std::int64_t> jobs;
  {
    query asked = parts_->base.ask("SELECT DISTINCT job FROM dead_letter WHERE key=?");
    asked << key;
    while (asked.step()) jobs.push_back(asked.number(0));
  }
  for (const std::int64_t job : jobs) {
    auto customer = parts_->load(job, "", std::string(key));
    query gone = parts_->base.ask("DELETE FROM dead_letter WHERE job=? AND key=?");
    gone << job << key;
    gone.run();
    if (!customer || !customer->wanted) continue;
    for (const auto& [name, wanted] : fields_to_send(*customer)) {
      customer->waived.insert_or_assign(name, wanted);
      query note = parts_->base.ask("INSERT INTO history VALUES('', ?,?,?,NULL,?,?,?,?,?)");
      note << job << key << ("waived:" + name) << wanted.json << customer->wanted->drop
           << customer->wanted->line << who << number_of(now);
      note.run();
    }
    query waive = parts_->base.ask("UPDATE customer SET waived=? WHERE job=? AND key=?");
    waive << text_or_null(customer->waived) << job << key;
    waive.run();
    if (customer->in_doubt) {
      // What is in doubt is put back to what was acknowledged; then the row closes.
      query save = parts_->base.ask(
          "UPDATE wanted SET fields='{}', sealed=NULL WHERE job=? AND key=? AND drop_no=?");
      save << job << key << customer->wanted->drop;
      save.run();
      parts_->count_as(job, std::string(key), *customer->wanted, row_class::pending);
      continue;
    }
    parts_->recount(customer->wanted->drop, customer->wanted->counted, row_class::unchanged);
    parts_->delete_wanted(job, std::string(key), customer->wanted->drop);
  }
  all.commit();
  return static_cast<std::int64_t>(jobs.size());
}

}  // namespace patchbay
