#include "parts.hpp"

#include "patchbay/protocol/json_text.hpp"

namespace patchbay {

field_values values_of(const std::string& json, const char* where) {
  if (json.empty()) return {};
  result<field_values> values = parse_values(json);
  if (!values) throw store_error(std::string("the state is damaged: ") + where + " holds no JSON");
  return std::move(*values);
}

std::optional<std::string> text_or_null(const field_values& values) {
  if (values.empty()) return std::nullopt;
  return write_values(values);
}

namespace {

sealed_values sealed_of(const std::string& json) {
  sealed_values sealed;
  for (const auto& [name, text] : values_of(json, "wanted.sealed")) {
    sealed.emplace(name, plain_text(text));
  }
  return sealed;
}

std::vector<std::string> names_of(const std::string& json) {
  std::vector<std::string> names;
  for (const auto& [name, mark] : values_of(json, "doubt.fields")) names.push_back(name);
  return names;
}

}  // namespace

std::int64_t sqlite_store::parts::job_number(std::string_view job) {
  if (const auto known = job_numbers.find(job); known != job_numbers.end()) return known->second;
  for (int round = 0; round < 2; ++round) {
    query asked = base.ask("SELECT number FROM job WHERE name=?");
    asked << job;
    if (asked.step()) {
      const std::int64_t number = asked.number(0);
      job_numbers.emplace(job, number);
      return number;
    }
    query made = base.ask("INSERT OR IGNORE INTO job(name) VALUES(?)");
    made << job;
    made.run();
  }
  throw store_error("store: a job cannot be registered");
}

std::string sqlite_store::parts::job_name(std::int64_t number) {
  query asked = base.ask("SELECT name FROM job WHERE number=?");
  asked << number;
  return asked.step() ? asked.text(0) : std::string();
}

std::optional<kept_doubt> sqlite_store::parts::load_doubt(std::int64_t job,
                                                          const std::string& key) {
  query asked = base.ask(
      "SELECT fields, phase, was_unanswered, not_before, slot FROM doubt WHERE job=? AND key=?");
  asked << job << key;
  if (!asked.step()) return std::nullopt;
  kept_doubt kept;
  kept.now.fields = names_of(asked.text(0));
  kept.now.at = static_cast<doubt::phase>(asked.number(1));
  kept.was_unanswered = asked.number(2) != 0;
  kept.now.not_before = instant(asked.number(3));
  kept.now.slot = asked.number(4);
  return kept;
}

std::vector<dead_letter> sqlite_store::parts::load_letters(std::int64_t job,
                                                           std::string_view job_name,
                                                           const std::string& key) {
  query asked = base.ask(
      "SELECT field, id, drop_no, file, line, column_name, code, message, request_id, attempts,"
      " since, next_retry FROM dead_letter WHERE job=? AND key=?");
  asked << job << key;
  std::vector<dead_letter> letters;
  while (asked.step()) {
    letters.push_back({.job = std::string(job_name),
                       .key = key,
                       .id = asked.text(1),
                       .drop = asked.number(2),
                       .file = asked.text(3),
                       .line = asked.number(4),
                       .column = asked.text(5),
                       .field = asked.text(0),
                       .code = asked.text(6),
                       .message = asked.text(7),
                       .request_id = asked.text(8),
                       .attempts = static_cast<int>(asked.number(9)),
                       .since = time_of(asked.number(10)),
                       .next_retry = time_of(asked.number(11))});
  }
  return letters;
}

std::optional<customer_levels> sqlite_store::parts::load(std::int64_t job,
                                                         std::string_view job_name,
                                                         const std::string& key) {
  customer_levels made;
  {
    query asked =
        base.ask("SELECT id, acknowledged, echoed, waived FROM customer WHERE job=? AND key=?");
    asked << job << key;
    if (!asked.step()) return std::nullopt;
    made.id = asked.text(0);
    made.acknowledged = values_of(asked.text(1), "customer.acknowledged");
    made.echoed = values_of(asked.text(2), "customer.echoed");
    made.waived = values_of(asked.text(3), "customer.waived");
  }
  made.job = job_name;
  made.key = key;
  query rows = base.ask(
      "SELECT w.drop_no, w.line, w.fields, w.sealed, w.line_print, w.canonical_print, w.counted"
      " FROM wanted w JOIN drop_record d ON d.number=w.drop_no"
      " WHERE w.job=? AND w.key=? AND d.state=? ORDER BY w.drop_no DESC LIMIT 1");
  rows << job << key << static_cast<std::int64_t>(drop_state::admitted);
  if (rows.step()) {
    wanted_row row;
    row.drop = rows.number(0);
    row.line = rows.number(1);
    row.fields = values_of(rows.text(2), "wanted.fields");
    row.sealed = sealed_of(rows.text(3));
    row.line_print = rows.print(4);
    row.canonical_print = rows.print(5);
    row.counted = static_cast<row_class>(rows.number(6));
    made.wanted = std::move(row);
  }
  if (auto kept = load_doubt(job, key)) made.in_doubt = std::move(kept->now);
  made.dead = load_letters(job, job_name, key);
  return made;
}

void sqlite_store::parts::save_acknowledged(std::int64_t job, const customer_levels& customer) {
  query save = base.ask("UPDATE customer SET id=?, acknowledged=?, echoed=? WHERE job=? AND key=?");
  save << customer.id << write_values(customer.acknowledged) << text_or_null(customer.echoed) << job
       << customer.key;
  save.run();
}

void sqlite_store::parts::recount(drop_number drop, row_class from, row_class to,
                                  std::int64_t rows) {
  const auto move = [&](row_class which, std::int64_t by) {
    const char* sql = nullptr;
    switch (which) {
      case row_class::unchanged:
        sql = "UPDATE drop_record SET unchanged=unchanged+? WHERE number=?";
        break;
      case row_class::applied:
        sql = "UPDATE drop_record SET applied=applied+? WHERE number=?";
        break;
      case row_class::rejected:
        sql = "UPDATE drop_record SET rejected=rejected+? WHERE number=?";
        break;
      case row_class::superseded:
        sql = "UPDATE drop_record SET superseded=superseded+? WHERE number=?";
        break;
      case row_class::held:
        sql = "UPDATE drop_record SET held=held+? WHERE number=?";
        break;
      case row_class::pending:
        sql = "UPDATE drop_record SET pending=pending+? WHERE number=?";
        break;
    }
    query add = base.ask(sql);
    add << by << drop;
    add.run();
  };
  if (from == to) return;
  move(from, -rows);
  move(to, rows);
}

void sqlite_store::parts::delete_wanted(std::int64_t job, const std::string& key,
                                        drop_number drop) {
  query gone = base.ask("DELETE FROM wanted WHERE job=? AND key=? AND drop_no=?");
  gone << job << key << drop;
  gone.run();
}

void sqlite_store::parts::count_as(std::int64_t job, const std::string& key, wanted_row& row,
                                   row_class to) {
  if (row.counted == to) return;
  recount(row.drop, row.counted, to);
  row.counted = to;
  query save = base.ask("UPDATE wanted SET counted=? WHERE job=? AND key=? AND drop_no=?");
  save << static_cast<std::int64_t>(to) << job << key << row.drop;
  save.run();
}

void sqlite_store::parts::release_dead_leases(instant now) {
  std::vector<std::string> dead;
  {
    query asked =
        base.ask("SELECT DISTINCT process FROM slot WHERE released_at IS NULL AND process<>?");
    asked << options.process;
    while (asked.step()) {
      const std::string process = asked.text(0);
      if (!options.process_alive || !options.process_alive(process)) dead.push_back(process);
    }
  }
  for (const std::string& process : dead) {
    query save = base.ask("UPDATE slot SET released_at=? WHERE released_at IS NULL AND process=?");
    save << now.count() << process;
    save.run();
  }
}

}  // namespace patchbay
