// The way of a drop's rows into `wanted`: staged in groups, invisible, then one flip.
#include <set>
#include <stdexcept>

#include "doubts.hpp"
#include "parts.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

/// Asking for a drop that was never registered, or raising one twice, is a bug.
job_number job_of_unadmitted(database& base, drop_number drop, const char* doing) {
  query asked = base.ask("SELECT job, state FROM drop_record WHERE number=?");
  asked << drop;
  if (!asked.step() || asked.number(1) == code_of(drop_state::admitted)) {
    throw std::logic_error(std::string("store: cannot ") + doing + " drop " + std::to_string(drop) +
                           ": it is admitted, or was never registered");
  }
  return asked.number(0);
}

/// The customer of a staged row exists, with its id, whatever was learned of it.
void need_customer(database& base, job_number job, const staged_row& row) {
  if (row.id.empty()) return;
  query save = base.ask(
      "INSERT INTO customer(job, key, id, acknowledged) VALUES(?,?,?,'{}')"
      " ON CONFLICT(job, key) DO UPDATE SET id=excluded.id WHERE id=''");
  save << job << row.key << row.id;
  save.run();
}

void save_staged(database& base, job_number job, drop_number drop, const staged_row& row) {
  field_values sealed;
  for (const auto& [name, text] : row.wanted.sealed) sealed.emplace(name, string_value(text));
  query save = base.ask(
      "INSERT OR REPLACE INTO wanted(job, key, drop_no, line, fields, sealed, line_print,"
      " canonical_print, counted, baseline, waived) VALUES(?,?,?,?,?,?,?,?,?,?,?)");
  save << job << row.key << drop << row.wanted.line << write_values(row.wanted.fields)
       << text_or_null(sealed) << row.wanted.line_print << row.wanted.canonical_print
       << code_of(row.wanted.counted) << text_or_null(row.baseline) << text_or_null(row.waived);
  save.run();
}

/// What was planned must be what was staged, or the counters would lie from now on.
void check_plan(database& base, job_number job, drop_number drop, const totals& planned) {
  query asked = base.ask("SELECT COUNT(*) FROM wanted WHERE job=? AND drop_no=? AND counted=?");
  asked << job << drop << code_of(row_class::pending);
  const std::int64_t staged = asked.step() ? asked.number(0) : 0;
  if (planned.balanced() && staged == planned.pending) return;
  throw std::logic_error("store: the plan of drop " + std::to_string(drop) + " counts " +
                         std::to_string(planned.pending) + " pending of " +
                         std::to_string(planned.read) + " rows, staged were " +
                         std::to_string(staged));
}

void flip(database& base, drop_number drop, const totals& planned, wall_time now) {
  query save = base.ask(
      "UPDATE drop_record SET state=?, admitted_at=?, rows_read=?, unchanged=?, applied=?,"
      " rejected=?, superseded=?, held=?, pending=?,"
      " admission=(SELECT 1+MAX(admission) FROM drop_record) WHERE number=?");
  save << code_of(drop_state::admitted) << ms_of(now) << planned.read << planned.unchanged
       << planned.applied << planned.rejected << planned.superseded << planned.held
       << planned.pending << drop;
  save.run();
}

/// Rows of older drops whose customers this drop speaks of are superseded; one that only
/// overruled an even older row just goes. Who was owed something is owed it since then.
void overtake_older(database& base, job_number job, drop_number drop) {
  struct overtaken {
    std::string key;
    drop_number drop = 0;
    row_class counted = row_class::pending;
    std::int64_t since = 0;
  };
  std::vector<overtaken> older;
  {
    query asked = base.ask(
        "SELECT o.key, o.drop_no, o.counted,"
        " CASE o.since WHEN 0 THEN d.admitted_at ELSE o.since END FROM wanted n"
        " CROSS JOIN wanted o ON o.job=n.job AND o.key=n.key AND o.drop_no<>n.drop_no"
        " JOIN drop_record d ON d.number=o.drop_no AND d.state=3"
        " WHERE n.job=? AND n.drop_no=?");
    asked << job << drop;
    while (asked.step()) {
      older.push_back({asked.text(0), asked.number(1), static_cast<row_class>(asked.number(2)),
                       asked.number(3)});
    }
  }
  for (const overtaken& one : older) {
    if (one.counted != row_class::unchanged) {
      recount(base, one.drop, one.counted, row_class::superseded);
      query owed = base.ask(
          "UPDATE wanted SET since=?1 WHERE job=?2 AND key=?3 AND drop_no=?4"
          " AND (since=0 OR since>?1)");
      owed << one.since << job << one.key << drop;
      owed.run();
    }
    delete_wanted(base, job, one.key, one.drop);
  }
}

wanted_row staged_row_of(database& base, job_number job, std::string_view key, drop_number drop) {
  query asked = base.ask("SELECT fields FROM wanted WHERE job=? AND key=? AND drop_no=?");
  asked << job << key << drop;
  wanted_row row;
  if (asked.step()) row.fields = values_of(asked.text(0), "wanted.fields");
  return row;
}

/// Customers whose refused values are due, and repeated by a row of this drop that is not admitted
/// yet.
std::set<std::string> repeated_refusals(database& base, job_number job, drop_number drop) {
  std::vector<std::string> keys;
  {
    query asked = base.ask(
        "SELECT n.key FROM wanted n WHERE n.job=? AND n.drop_no=? AND n.counted=? AND EXISTS"
        " (SELECT 1 FROM dead_letter l WHERE l.job=n.job AND l.key=n.key)");
    asked << job << drop << code_of(row_class::pending);
    while (asked.step()) keys.push_back(asked.text(0));
  }
  std::set<std::string> repeated;
  for (std::string& key : keys) {
    std::optional<customer_levels> before = load_customer(base, job, key);
    if (!before) continue;
    if (auto kept = load_wanted(base, job, key)) before->wanted = std::move(kept->row);
    if (const auto kept = load_doubt(base, job, key)) before->in_doubt = kept->seen();
    if (repeats_itself(*before, staged_row_of(base, job, key, drop))) {
      repeated.insert(std::move(key));
    }
  }
  return repeated;
}

/// A changed row takes its customer's dead letters away; one that repeats the refused values
/// takes them over, be it before their next try or for it. Planned as refused, and without any
/// (answered since it was planned), it is pending.
void move_letters(database& base, job_number job, drop_number drop,
                  const std::set<std::string>& repeated) {
  struct letters_of {
    std::string key;
    std::int64_t line = 0;
    row_class counted = row_class::pending;
    std::int64_t letters = 0;
  };
  std::vector<letters_of> rows;
  {
    query asked = base.ask(
        "SELECT n.key, n.line, n.counted, (SELECT COUNT(*) FROM dead_letter l"
        " WHERE l.job=n.job AND l.key=n.key) AS letters FROM wanted n"
        " WHERE n.job=?1 AND n.drop_no=?2 AND (n.counted=?3 OR letters>0)");
    asked << job << drop << code_of(row_class::rejected);
    while (asked.step()) {
      rows.push_back({asked.text(0), asked.number(1), static_cast<row_class>(asked.number(2)),
                      asked.number(3)});
    }
  }
  for (const letters_of& row : rows) {
    if (row.counted != row_class::rejected && !repeated.contains(row.key)) {
      delete_letters(base, job, row.key);
      continue;
    }
    if (row.letters == 0) {
      wanted_row counted;
      counted.drop = drop;
      counted.counted = row.counted;
      count_as(base, job, row.key, counted, row_class::pending);
      continue;
    }
    query over = base.ask(
        "UPDATE dead_letter SET drop_no=?1, line=?2,"
        " file=(SELECT file FROM drop_record WHERE number=?1) WHERE job=?3 AND key=?4");
    over << drop << row.line << job << row.key;
    over.run();
    reckon_due(base, job, row.key);
  }
}

/// First values of unreadable fields become acknowledged unsent; waivers are replaced.
void apply_marks(database& base, job_number job, drop_number drop) {
  struct marks {
    std::string key;
    std::string baseline;
    std::string waived;
  };
  std::vector<marks> changed;
  {
    query asked = base.ask(
        "SELECT n.key, n.baseline, n.waived FROM wanted n"
        " CROSS JOIN customer c ON c.job=n.job AND c.key=n.key"
        " WHERE n.job=? AND n.drop_no=? AND (n.baseline IS NOT NULL OR n.waived IS NOT c.waived)");
    asked << job << drop;
    while (asked.step()) changed.push_back({asked.text(0), asked.text(1), asked.text(2)});
  }
  for (const marks& one : changed) {
    std::optional<customer_levels> customer = load_customer(base, job, one.key);
    if (!customer) continue;
    for (const auto& [name, first] : values_of(one.baseline, "wanted.baseline")) {
      customer->acknowledged.insert_or_assign(name, first);
    }
    customer->waived = values_of(one.waived, "wanted.waived");
    save_customer(base, job, *customer);
  }
}

/// Rows that only carried a baseline or a waiver want nothing; they stay where something is in
/// doubt, because a doubt is ended by its row.
void drop_empty_rows(database& base, job_number job, drop_number drop) {
  query counted = base.ask(
      "SELECT COUNT(*) FROM wanted w WHERE w.job=? AND w.drop_no=? AND w.fields='{}' AND "
      "w.counted=?"
      " AND NOT EXISTS (SELECT 1 FROM doubt x WHERE x.job=w.job AND x.key=w.key)");
  counted << job << drop << code_of(row_class::pending);
  const std::int64_t pending = counted.step() ? counted.number(0) : 0;
  recount(base, drop, row_class::pending, row_class::unchanged, pending);
  query gone = base.ask(
      "DELETE FROM wanted WHERE job=? AND drop_no=? AND fields='{}' AND counted<>?"
      " AND NOT EXISTS (SELECT 1 FROM doubt x WHERE x.job=wanted.job AND x.key=wanted.key)");
  gone << job << drop << code_of(row_class::rejected);
  gone.run();
}

/// The state's generation, and the job's, which grows only where a customer changes: before such
/// an admit lines leave the job's set, so the set tells by it whether it is of this very moment.
void count_admission(database& base, job_number job, drop_number drop) {
  base.ask("UPDATE meta SET value=value+1 WHERE name='generation'").run();
  query grown = base.ask(
      "UPDATE job SET admissions=admissions+1 WHERE number=?1 AND EXISTS"
      " (SELECT 1 FROM wanted WHERE job=?1 AND drop_no=?2)");
  grown << job << drop;
  grown.run();
}

}  // namespace

void sqlite_store::stage(std::string_view job, drop_number drop, std::span<const staged_row> rows) {
  transaction all(parts_->base);
  const job_number number = job_of_unadmitted(parts_->base, drop, "stage");
  if (number != find_job(parts_->base, job)) {
    throw std::logic_error("store: drop " + std::to_string(drop) + " is not of job " +
                           std::string(job));
  }
  for (const staged_row& row : rows) {
    need_customer(parts_->base, number, row);
    save_staged(parts_->base, number, drop, row);
  }
  all.commit();
}

void sqlite_store::admit(drop_number drop, const totals& planned, wall_time now) {
  database& base = parts_->base;
  transaction all(base);
  const job_number job = job_of_unadmitted(base, drop, "admit");
  check_plan(base, job, drop, planned);
  count_admission(base, job, drop);
  const std::set<std::string> repeated = repeated_refusals(base, job, drop);
  flip(base, drop, planned, now);
  overtake_older(base, job, drop);
  move_letters(base, job, drop, repeated);
  apply_marks(base, job, drop);
  drop_empty_rows(base, job, drop);
  all.commit();
}

void sqlite_store::unstage(drop_number drop) {
  transaction all(parts_->base);
  query gone = parts_->base.ask(
      "DELETE FROM wanted WHERE drop_no=?1 AND job=(SELECT job FROM drop_record"
      " WHERE number=?1 AND state<>3)");
  gone << drop;
  gone.run();
  all.commit();
}

}  // namespace patchbay
