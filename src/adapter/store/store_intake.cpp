// The store's side of intake: drops, look-ups, learning, staging and the flip.
#include <sodium.h>

#include "parts.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "schema.hpp"

namespace patchbay {

sqlite_store::sqlite_store(sqlite_options options, instant now)
    : parts_(std::make_unique<parts>(std::move(options))) {
  prepare_schema(parts_->base);
  transaction all(parts_->base);
  // Stamps of another boot cannot be compared: its windows count as just used.
  query other = parts_->base.ask("UPDATE slot SET released_at=?, boot=? WHERE boot<>?");
  other << now.count() << parts_->options.boot_id << parts_->options.boot_id;
  other.run();
  parts_->release_dead_leases(now);
  all.commit();
}

sqlite_store::~sqlite_store() = default;

store_identity sqlite_store::identity() {
  store_identity made;
  query asked = parts_->base.ask("SELECT name, value FROM meta");
  while (asked.step()) {
    const std::string name = asked.text(0);
    if (name == "store_id") made.id = asked.text(1);
    if (name == "secret") made.secret = asked.text(1);
    if (name == "generation") made.generation = asked.number(1);
  }
  return made;
}

namespace {

void bind_drop(query& save, const drop_record& drop) {
  save << drop.job << drop.file << drop.stored_as << static_cast<std::int64_t>(drop.state)
       << static_cast<std::int64_t>(drop.mode) << drop.digest << drop.config_digest << drop.bytes
       << number_of(drop.claimed_at) << number_of(drop.admitted_at) << drop.reason
       << drop.totals.read << drop.totals.unchanged << drop.totals.applied << drop.totals.rejected
       << drop.totals.superseded << drop.totals.held << drop.totals.pending;
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
  drop.totals = {.read = row.number(12),
                 .unchanged = row.number(13),
                 .applied = row.number(14),
                 .rejected = row.number(15),
                 .superseded = row.number(16),
                 .held = row.number(17),
                 .pending = row.number(18)};
  return drop;
}

constexpr const char* select_drops =
    "SELECT number, job, file, stored_as, state, mode, digest, config_digest, bytes, claimed_at,"
    " admitted_at, reason, rows_read, unchanged, applied, rejected, superseded, held, pending"
    " FROM drop_record WHERE (?1='' OR job=?1) ORDER BY number";

}  // namespace

drop_number sqlite_store::register_drop(const drop_record& record) {
  query save = parts_->base.ask(
      "INSERT INTO drop_record(job, file, stored_as, state, mode, digest, config_digest, bytes,"
      " claimed_at, admitted_at, reason, rows_read, unchanged, applied, rejected, superseded, held,"
      " pending) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  bind_drop(save, record);
  save.run();
  return parts_->base.last_row();
}

void sqlite_store::update_drop(const drop_record& record) {
  transaction all(parts_->base);
  drop_record kept = record;
  {
    query asked = parts_->base.ask(
        "SELECT rows_read, unchanged, applied, rejected, superseded, held, pending"
        " FROM drop_record WHERE number=? AND state=?");
    asked << record.number << static_cast<std::int64_t>(drop_state::admitted);
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
  query save = parts_->base.ask(
      "UPDATE drop_record SET job=?, file=?, stored_as=?, state=?, mode=?, digest=?,"
      " config_digest=?, bytes=?, claimed_at=?, admitted_at=?, reason=?, rows_read=?, unchanged=?,"
      " applied=?, rejected=?, superseded=?, held=?, pending=? WHERE number=?");
  bind_drop(save, kept);
  save << record.number;
  save.run();
  all.commit();
}

std::vector<drop_record> sqlite_store::drops(std::string_view job) {
  query asked = parts_->base.ask(select_drops);
  asked << job;
  std::vector<drop_record> found;
  while (asked.step()) found.push_back(read_drop(asked));
  return found;
}

std::vector<customer_levels> sqlite_store::lookup(std::string_view job,
                                                  std::span<const std::string> keys) {
  const std::int64_t number = parts_->job_number(job);
  std::vector<customer_levels> found;
  for (const std::string& key : keys) {
    if (auto customer = parts_->load(number, job, key)) found.push_back(std::move(*customer));
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> sqlite_store::owners(
    std::string_view job, std::span<const std::string> ids) {
  const std::int64_t number = parts_->job_number(job);
  std::vector<std::pair<std::string, std::string>> found;
  for (const std::string& id : ids) {
    query asked = parts_->base.ask("SELECT key FROM customer WHERE job=? AND id=?");
    asked << number << id;
    while (asked.step()) found.emplace_back(id, asked.text(0));
  }
  return found;
}

std::int64_t sqlite_store::known_customers(std::string_view job) {
  query asked = parts_->base.ask("SELECT COUNT(*) FROM customer WHERE job=?");
  asked << parts_->job_number(job);
  asked.step();
  return asked.number(0);
}

void sqlite_store::learn(std::string_view job, std::span<const learned_customer> customers) {
  const std::int64_t number = parts_->job_number(job);
  transaction all(parts_->base);
  for (const learned_customer& learned : customers) {
    field_values acknowledged;
    field_values echoed;
    {
      query asked =
          parts_->base.ask("SELECT acknowledged, echoed FROM customer WHERE job=? AND key=?");
      asked << number << learned.key;
      if (asked.step()) {
        acknowledged = values_of(asked.text(0), "customer.acknowledged");
        echoed = values_of(asked.text(1), "customer.echoed");
      }
    }
    for (const auto& [name, read] : learned.acknowledged) {
      acknowledged.insert_or_assign(name, read);
      echoed.erase(name);
    }
    query save = parts_->base.ask(
        "INSERT INTO customer(job, key, id, acknowledged, echoed) VALUES(?,?,?,?,?)"
        " ON CONFLICT(job, key) DO UPDATE SET id=excluded.id,"
        " acknowledged=excluded.acknowledged, echoed=excluded.echoed");
    save << number << learned.key << learned.id << write_values(acknowledged)
         << text_or_null(echoed);
    save.run();
  }
  all.commit();
}

void sqlite_store::stage(std::string_view job, drop_number drop, std::span<const staged_row> rows) {
  const std::int64_t number = parts_->job_number(job);
  transaction all(parts_->base);
  for (const staged_row& row : rows) {
    field_values sealed;
    for (const auto& [name, text] : row.wanted.sealed) sealed.emplace(name, string_value(text));
    query save = parts_->base.ask(
        "INSERT OR REPLACE INTO wanted(job, key, drop_no, line, fields, sealed, line_print,"
        " canonical_print, counted, baseline, waived) VALUES(?,?,?,?,?,?,?,?,?,?,?)");
    save << number << row.key << drop << row.wanted.line << write_values(row.wanted.fields)
         << text_or_null(sealed) << row.wanted.line_print << row.wanted.canonical_print
         << static_cast<std::int64_t>(row.wanted.counted) << text_or_null(row.baseline)
         << text_or_null(row.waived);
    save.run();
  }
  all.commit();
}

namespace {

constexpr auto admitted_state = static_cast<std::int64_t>(drop_state::admitted);
constexpr auto rejected_class = static_cast<std::int64_t>(row_class::rejected);

/// Rows of older admitted drops whose customers this drop speaks of: overtaken.
void overtake_older(sqlite_store::parts& store, drop_number drop) {
  struct overtaken {
    drop_number drop;
    row_class counted;
    std::int64_t rows;
  };
  std::vector<overtaken> older;
  {
    query asked = store.base.ask(
        "SELECT o.drop_no, o.counted, COUNT(*) FROM wanted n"
        " JOIN wanted o ON o.job=n.job AND o.key=n.key AND o.drop_no<>n.drop_no"
        " JOIN drop_record d ON d.number=o.drop_no AND d.state=?"
        " WHERE n.drop_no=? GROUP BY o.drop_no, o.counted");
    asked << admitted_state << drop;
    while (asked.step()) {
      older.push_back({asked.number(0), static_cast<row_class>(asked.number(1)), asked.number(2)});
    }
  }
  for (const overtaken& one : older) {
    if (one.counted == row_class::unchanged) continue;
    store.recount(one.drop, one.counted, row_class::superseded, one.rows);
  }
  query gone = store.base.ask(
      "DELETE FROM wanted WHERE drop_no<>?1 AND drop_no IN"
      " (SELECT number FROM drop_record WHERE state=?2) AND EXISTS"
      " (SELECT 1 FROM wanted n WHERE n.job=wanted.job AND n.key=wanted.key AND n.drop_no=?1)");
  gone << drop << admitted_state;
  gone.run();
}

/// A changed row takes its customer's dead letters away; one that repeats the refused values
/// takes them over.
void move_letters(sqlite_store::parts& store, drop_number drop) {
  query gone = store.base.ask(
      "DELETE FROM dead_letter WHERE EXISTS (SELECT 1 FROM wanted w WHERE w.job=dead_letter.job"
      " AND w.key=dead_letter.key AND w.drop_no=? AND w.counted<>?)");
  gone << drop << rejected_class;
  gone.run();
  query over = store.base.ask(
      "UPDATE dead_letter SET drop_no=?1, file=(SELECT file FROM drop_record WHERE number=?1),"
      " line=(SELECT w.line FROM wanted w WHERE w.job=dead_letter.job AND w.key=dead_letter.key"
      " AND w.drop_no=?1) WHERE EXISTS (SELECT 1 FROM wanted w WHERE w.job=dead_letter.job"
      " AND w.key=dead_letter.key AND w.drop_no=?1)");
  over << drop;
  over.run();
}

struct extra {
  std::int64_t job;
  std::string key;
  std::string baseline;
  std::optional<std::string> waived;
};

/// First values of unreadable fields become acknowledged unsent; waivers are replaced.
void apply_extras(sqlite_store::parts& store, drop_number drop) {
  std::vector<extra> extras;
  {
    query asked = store.base.ask(
        "SELECT job, key, baseline, waived FROM wanted WHERE drop_no=?"
        " AND (baseline IS NOT NULL OR waived IS NOT NULL)");
    asked << drop;
    while (asked.step()) {
      extras.push_back({asked.number(0), asked.text(1), asked.text(2),
                        asked.is_null(3) ? std::nullopt : std::optional(asked.text(3))});
    }
  }
  for (const extra& one : extras) {
    auto customer = store.load(one.job, "", one.key);
    if (!customer) continue;
    for (const auto& [name, first] : values_of(one.baseline, "wanted.baseline")) {
      customer->acknowledged.insert_or_assign(name, first);
    }
    store.save_acknowledged(one.job, *customer);
    query save = store.base.ask("UPDATE customer SET waived=? WHERE job=? AND key=?");
    save << one.waived << one.job << one.key;
    save.run();
  }
}

}  // namespace

void sqlite_store::admit(drop_number drop, const totals& planned, wall_time now) {
  transaction all(parts_->base);
  overtake_older(*parts_, drop);
  move_letters(*parts_, drop);
  apply_extras(*parts_, drop);
  query flip = parts_->base.ask(
      "UPDATE drop_record SET state=?, admitted_at=?, rows_read=?, unchanged=?, applied=?,"
      " rejected=?, superseded=?, held=?, pending=? WHERE number=?");
  flip << admitted_state << number_of(now) << planned.read << planned.unchanged << planned.applied
       << planned.rejected << planned.superseded << planned.held << planned.pending << drop;
  flip.run();
  parts_->base.ask("UPDATE meta SET value=value+1 WHERE name='generation'").run();
  // Rows that only carried a baseline or a waiver want nothing.
  query empty = parts_->base.ask("DELETE FROM wanted WHERE drop_no=? AND fields='{}'");
  empty << drop;
  empty.run();
  all.commit();
}

void sqlite_store::unstage(drop_number drop) {
  query gone = parts_->base.ask(
      "DELETE FROM wanted WHERE drop_no=? AND drop_no NOT IN"
      " (SELECT number FROM drop_record WHERE state=?)");
  gone << drop << admitted_state;
  gone.run();
}

void sqlite_store::save_rejects(drop_number drop, std::span<const reject_entry> rejects) {
  transaction all(parts_->base);
  query gone = parts_->base.ask("DELETE FROM reject WHERE drop_no=?");
  gone << drop;
  gone.run();
  for (const reject_entry& one : rejects) {
    query save = parts_->base.ask("INSERT INTO reject VALUES(?,?,?,?,?,?,?,?)");
    save << drop << one.key << one.file << one.line << one.column << one.field << one.code
         << one.message;
    save.run();
  }
  all.commit();
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
