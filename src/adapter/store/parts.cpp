#include "parts.hpp"

#include <array>
#include <limits>

#include "doubts.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay {

namespace {

sealed_values sealed_of(const std::string& json) {
  sealed_values sealed;
  for (const auto& [name, text] : values_of(json, "wanted.sealed")) {
    sealed.emplace(name, plain_text(text));
  }
  return sealed;
}

}  // namespace

field_values values_of(const std::string& json, const char* where) {
  if (json.empty()) return {};
  result<field_values> values = parse_values(json);
  if (!values) {
    throw store_error(std::string("the state is damaged: ") + where +
                      " holds no JSON object; restore a backup of the state");
  }
  return std::move(*values);
}

std::optional<std::string> text_or_null(const field_values& values) {
  if (values.empty()) return std::nullopt;
  return write_values(values);
}

bool fulfilled(const customer_levels& customer, const wanted_row& row) {
  for (const auto& [name, wanted] : row.fields) {
    const auto known = customer.acknowledged.find(name);
    if (known == customer.acknowledged.end() || !same(known->second, wanted)) return false;
  }
  return true;
}

void merge_read(customer_levels& customer, const field_values& read) {
  for (const auto& [name, now] : read) {
    const auto form = customer.echoed.find(name);
    if (form != customer.echoed.end() && same(form->second, now)) continue;
    customer.acknowledged.insert_or_assign(name, now);
    customer.echoed.erase(name);
  }
}

job_number find_job(database& base, std::string_view name) {
  query asked = base.ask("SELECT number FROM job WHERE name=?");
  asked << name;
  return asked.step() ? asked.number(0) : no_job;
}

job_number need_job(database& base, std::string_view name) {
  if (const job_number known = find_job(base, name); known != no_job) return known;
  query made = base.ask("INSERT INTO job(name) VALUES(?)");
  made << name;
  made.run();
  return base.last_row();
}

std::optional<customer_levels> load_customer(database& base, job_number job, std::string_view key) {
  query asked =
      base.ask("SELECT id, acknowledged, echoed, waived FROM customer WHERE job=? AND key=?");
  asked << job << key;
  if (!asked.step()) return std::nullopt;
  customer_levels made;
  made.key = key;
  made.id = asked.text(0);
  made.acknowledged = values_of(asked.text(1), "customer.acknowledged");
  made.echoed = values_of(asked.text(2), "customer.echoed");
  made.waived = values_of(asked.text(3), "customer.waived");
  if (const auto form = base.forms.find(job); form != base.forms.end()) form->second.customer(made);
  return made;
}

std::optional<kept_row> load_wanted(database& base, job_number job, std::string_view key) {
  query asked = base.ask(
      "SELECT w.drop_no, w.line, w.fields, w.sealed, w.line_print, w.canonical_print, w.counted,"
      " w.confirmed, d.correction, CASE w.since WHEN 0 THEN d.admitted_at ELSE w.since END"
      " FROM wanted w JOIN drop_record d ON d.number=w.drop_no AND "
      "d.state=3"
      " WHERE w.job=? AND w.key=? ORDER BY w.drop_no DESC LIMIT 1");
  asked << job << key;
  if (!asked.step()) return std::nullopt;
  kept_row kept;
  kept.row.drop = asked.number(0);
  kept.row.line = asked.number(1);
  kept.row.fields = values_of(asked.text(2), "wanted.fields");
  kept.row.sealed = sealed_of(asked.text(3));
  kept.row.line_print = asked.print(4);
  kept.row.canonical_print = asked.print(5);
  kept.row.counted = static_cast<row_class>(asked.number(6));
  kept.confirmed = asked.number(7) != 0;
  kept.origin = static_cast<drop_origin>(asked.number(8));
  kept.row.since = time_of(asked.number(9));
  if (const auto form = base.forms.find(job); form != base.forms.end()) {
    form->second.wanted(kept.row);
  }
  return kept;
}

std::int64_t line_wanted(database& base, job_number job, std::string_view key) {
  query asked = base.ask(
      "SELECT w.line FROM wanted w JOIN drop_record d ON d.number=w.drop_no AND d.state=3"
      " WHERE w.job=? AND w.key=? ORDER BY w.drop_no DESC LIMIT 1");
  asked << job << key;
  return asked.step() ? asked.number(0) : 0;
}

std::vector<dead_letter> load_letters(database& base, job_number job, std::string_view key) {
  query asked = base.ask(
      "SELECT field, id, drop_no, file, line, column_name, code, message, request_id, attempts,"
      " since, next_retry FROM dead_letter WHERE job=? AND key=? ORDER BY number");
  asked << job << key;
  std::vector<dead_letter> letters;
  while (asked.step()) {
    letters.push_back({.job = {},
                       .key = std::string(key),
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

void save_customer(database& base, job_number job, const customer_levels& customer) {
  query save = base.ask(
      "UPDATE customer SET id=?, acknowledged=?, echoed=?, waived=? WHERE job=? AND key=?");
  save << customer.id << write_values(customer.acknowledged) << text_or_null(customer.echoed)
       << text_or_null(customer.waived) << job << customer.key;
  save.run();
}

void save_values(database& base, job_number job, const customer_levels& customer) {
  query save = base.ask("UPDATE customer SET acknowledged=?, echoed=? WHERE job=? AND key=?");
  save << write_values(customer.acknowledged) << text_or_null(customer.echoed) << job
       << customer.key;
  save.run();
}

void save_letters(database& base, job_number job, const std::vector<dead_letter>& letters) {
  for (const dead_letter& one : letters) {
    query save = base.ask(
        "INSERT INTO dead_letter(job, key, field, id, drop_no, file, line, column_name, code,"
        " message, request_id, attempts, since, next_retry) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    save << job << one.key << one.field << one.id << one.drop << one.file << one.line << one.column
         << one.code << one.message << one.request_id << std::int64_t{one.attempts}
         << ms_of(one.since) << ms_of(one.next_retry);
    save.run();
  }
}

void delete_letters(database& base, job_number job, std::string_view key) {
  query gone = base.ask("DELETE FROM dead_letter WHERE job=? AND key=?");
  gone << job << key;
  gone.run();
}

void delete_wanted(database& base, job_number job, std::string_view key, drop_number drop) {
  query gone = base.ask("DELETE FROM wanted WHERE job=? AND key=? AND drop_no=?");
  gone << job << key << drop;
  gone.run();
}

void recount(database& base, drop_number drop, row_class from, row_class to, std::int64_t rows) {
  if (from == to || rows == 0) return;
  // One statement, so that the totals balance at every moment; ?2 is what each class gains.
  std::array<std::int64_t, 6> gains{};
  gains.at(static_cast<std::size_t>(from)) = -rows;
  gains.at(static_cast<std::size_t>(to)) = rows;
  const auto gain = [&gains](row_class which) { return gains.at(static_cast<std::size_t>(which)); };
  query move = base.ask(
      "UPDATE drop_record SET unchanged=unchanged+?, applied=applied+?, rejected=rejected+?,"
      " superseded=superseded+?, held=held+?, pending=pending+? WHERE number=?");
  move << gain(row_class::unchanged) << gain(row_class::applied) << gain(row_class::rejected)
       << gain(row_class::superseded) << gain(row_class::held) << gain(row_class::pending) << drop;
  move.run();
}

void count_as(database& base, job_number job, std::string_view key, wanted_row& row, row_class to) {
  if (row.counted == to) return;
  recount(base, row.drop, row.counted, to);
  row.counted = to;
  query save = base.ask("UPDATE wanted SET counted=? WHERE job=? AND key=? AND drop_no=?");
  save << code_of(to) << job << key << row.drop;
  save.run();
}

void reckon_due(database& base, job_number job, std::string_view key) {
  const std::optional<kept_row> kept = load_wanted(base, job, key);
  if (!kept) return;
  std::int64_t due = 0;
  const std::optional<kept_doubt> doubted = load_doubt(base, job, key);
  const bool to_be_proven = doubted && doubted->earlier == earlier_attempts::proving;
  if (kept->row.counted == row_class::rejected && !to_be_proven) {
    query asked = base.ask("SELECT MIN(next_retry) FROM dead_letter WHERE job=? AND key=?");
    asked << job << key;
    const bool none = !asked.step() || asked.is_null(0);
    due = none ? std::numeric_limits<std::int64_t>::max() : asked.number(0);
  }
  query save = base.ask("UPDATE wanted SET due=? WHERE job=? AND key=? AND drop_no=? AND due<>?");
  save << due << job << key << kept->row.drop << due;
  save.run();
}

}  // namespace patchbay
