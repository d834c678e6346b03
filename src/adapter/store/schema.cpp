#include "schema.hpp"

#include <array>
#include <string>

#include <sodium.h>

namespace patchbay {
namespace {

// Marks the file as ours ("pbay"), so that a wrong path cannot destroy another program's data.
constexpr std::int64_t our_application = 0x70626179;

constexpr const char* version_1 = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE job(
  number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, admissions INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE customer(
  job INTEGER NOT NULL REFERENCES job(number), key TEXT NOT NULL, id TEXT NOT NULL,
  acknowledged TEXT NOT NULL, echoed TEXT, waived TEXT,
  PRIMARY KEY(job, key)) STRICT, WITHOUT ROWID;
CREATE INDEX customer_id ON customer(job, id);
CREATE INDEX customer_waived ON customer(job) WHERE waived IS NOT NULL;
CREATE TABLE drop_record(
  number INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL REFERENCES job(number),
  file TEXT NOT NULL, stored_as TEXT NOT NULL, state INTEGER NOT NULL, mode INTEGER NOT NULL,
  digest TEXT NOT NULL, config_digest TEXT NOT NULL, bytes INTEGER NOT NULL,
  claimed_at INTEGER NOT NULL, admitted_at INTEGER NOT NULL, reason TEXT NOT NULL,
  rows_read INTEGER NOT NULL, unchanged INTEGER NOT NULL, applied INTEGER NOT NULL,
  rejected INTEGER NOT NULL, superseded INTEGER NOT NULL, held INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  CHECK(state<>3 OR (rows_read=unchanged+applied+rejected+superseded+held+pending AND
    min(unchanged, applied, rejected, superseded, held, pending)>=0))) STRICT;
CREATE INDEX drop_job ON drop_record(job, number);
CREATE TABLE wanted(
  job INTEGER NOT NULL REFERENCES job(number), key TEXT NOT NULL,
  drop_no INTEGER NOT NULL REFERENCES drop_record(number), line INTEGER NOT NULL,
  fields TEXT NOT NULL, sealed TEXT, line_print BLOB NOT NULL, canonical_print BLOB NOT NULL,
  counted INTEGER NOT NULL, confirmed INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,
  baseline TEXT, waived TEXT,
  PRIMARY KEY(job, key, drop_no)) STRICT, WITHOUT ROWID;
CREATE INDEX wanted_order ON wanted(job, drop_no, line, key, due);
CREATE TABLE doubt(
  job INTEGER NOT NULL, key TEXT NOT NULL,
  slot INTEGER NOT NULL, fields TEXT NOT NULL, line INTEGER NOT NULL,
  earlier INTEGER NOT NULL, earlier_fields TEXT NOT NULL, not_before INTEGER NOT NULL,
  PRIMARY KEY(job, key)) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letter(
  number INTEGER PRIMARY KEY, job INTEGER NOT NULL, key TEXT NOT NULL, field TEXT NOT NULL,
  id TEXT NOT NULL, drop_no INTEGER NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
  column_name TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, request_id TEXT NOT NULL,
  attempts INTEGER NOT NULL, since INTEGER NOT NULL, next_retry INTEGER NOT NULL) STRICT;
CREATE INDEX dead_letter_customer ON dead_letter(job, key);
CREATE TABLE reject(
  drop_no INTEGER NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
  column_name TEXT NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  request_id TEXT NOT NULL) STRICT;
CREATE INDEX reject_drop ON reject(drop_no, line);
CREATE TABLE run(
  run TEXT PRIMARY KEY, job TEXT NOT NULL, outcome TEXT NOT NULL, dry_run INTEGER NOT NULL,
  started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
CREATE INDEX run_time ON run(started_at);
CREATE INDEX run_success ON run(job, finished_at) WHERE outcome='done' AND dry_run=0;
CREATE TABLE history(
  run TEXT NOT NULL, job INTEGER NOT NULL, key TEXT NOT NULL, field TEXT NOT NULL,
  from_value TEXT, to_value TEXT, drop_no INTEGER NOT NULL, line INTEGER NOT NULL,
  request_id TEXT NOT NULL, at INTEGER NOT NULL, waived_by TEXT) STRICT;
CREATE INDEX history_customer ON history(job, key, at);
CREATE INDEX history_run ON history(run);
CREATE TABLE slot(
  number INTEGER PRIMARY KEY AUTOINCREMENT, class INTEGER NOT NULL, boot TEXT NOT NULL,
  process TEXT NOT NULL, leased_at INTEGER NOT NULL, released_at INTEGER) STRICT;
CREATE INDEX slot_release ON slot(class, released_at);
CREATE INDEX slot_in_flight ON slot(process) WHERE released_at IS NULL;
CREATE TABLE owner_request(
  number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, subject TEXT NOT NULL,
  who TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE customer_group(code TEXT PRIMARY KEY, id TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* version_2 = R"sql(
ALTER TABLE drop_record ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN customers INTEGER NOT NULL DEFAULT 0;
UPDATE job SET customers=(SELECT COUNT(*) FROM customer c WHERE c.job=job.number);
CREATE TRIGGER customer_comes AFTER INSERT ON customer BEGIN
  UPDATE job SET customers=customers+1 WHERE number=new.job; END;
CREATE TRIGGER customer_goes AFTER DELETE ON customer BEGIN
  UPDATE job SET customers=customers-1 WHERE number=old.job; END;
)sql";

constexpr const char* version_3 = R"sql(
ALTER TABLE drop_record ADD COLUMN sequence INTEGER;
ALTER TABLE drop_record ADD COLUMN as_of INTEGER;
ALTER TABLE drop_record ADD COLUMN correction INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* version_4 = R"sql(
ALTER TABLE drop_record ADD COLUMN decision TEXT NOT NULL DEFAULT '';
)sql";

// The order of admissions in a number of its own: a wall clock may be set back.
constexpr const char* version_5 = R"sql(
ALTER TABLE drop_record ADD COLUMN admission INTEGER NOT NULL DEFAULT 0;
UPDATE drop_record SET admission=(
  SELECT COUNT(*) FROM drop_record AS earlier WHERE earlier.state=3 AND
    (earlier.admitted_at, earlier.number)<=(drop_record.admitted_at, drop_record.number))
  WHERE state=3;
)sql";

// The owner keeps the slots that count in memory: indexes only cost each lease and release.
constexpr const char* version_6 = R"sql(
DROP INDEX slot_release;
DROP INDEX slot_in_flight;
)sql";

// Who was refused an e-mail address is found by it.
constexpr const char* version_7 = R"sql(
CREATE INDEX wanted_address ON wanted(lower(json_extract(fields, '$.email'))) WHERE counted=2;
)sql";

// By name: a job may be served before it has ever had a drop.
constexpr const char* version_8 = R"sql(
CREATE TABLE served(
  job TEXT PRIMARY KEY, schedule TEXT NOT NULL, moment INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// Since when a customer waits, over the drops that repeat what is wanted of it; 0: since its drop.
constexpr const char* version_9 = R"sql(
ALTER TABLE wanted ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
)sql";

// Only revert asks for the changes of a run, and may take its time; each settle would pay for it.
constexpr const char* version_10 = R"sql(
DROP INDEX history_run;
)sql";

// Which run admitted a drop, also where the run could tell nobody; whose drop a decision is about,
// for two jobs may hold drops of one name.
constexpr const char* version_11 = R"sql(
ALTER TABLE drop_record ADD COLUMN run TEXT NOT NULL DEFAULT '';
ALTER TABLE owner_request ADD COLUMN job TEXT NOT NULL DEFAULT '';
)sql";

/// Step n brings version n to n + 1. Released steps are never edited, only followed.
constexpr std::array ladder{version_1, version_2, version_3, version_4,  version_5, version_6,
                            version_7, version_8, version_9, version_10, version_11};
constexpr auto newest = static_cast<std::int64_t>(ladder.size());

std::string hex_of_random(std::size_t size) {
  std::string raw(size, '\0');
  randombytes_buf(raw.data(), raw.size());
  std::string hex(size * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(raw.data()), size);
  hex.pop_back();
  return hex;
}

/// A store that is gone with the process has no secret to keep: a dry run says the same digests
/// each time.
void make_identity(database& base, bool lasting) {
  constexpr std::size_t id_bytes = 16;
  constexpr std::size_t secret_bytes = 32;
  const auto fresh_hex = [lasting](std::size_t size) {
    return lasting ? hex_of_random(size) : std::string(2 * size, '0');
  };
  const auto remember = [&base](std::string_view name, const std::string& value) {
    query save = base.ask("INSERT INTO meta VALUES(?,?)");
    save << name << value;
    save.run();
  };
  remember("store_id", fresh_hex(id_bytes));
  remember("secret", fresh_hex(secret_bytes));
  base.ask("INSERT INTO meta VALUES('generation', 0), ('longest_window', 0)").run();
}

std::int64_t version_of(database& base) {
  return base.number_of("PRAGMA user_version");
}

void refuse_strangers(database& base) {
  const snapshot one_moment(base);
  const std::int64_t version = version_of(base);
  const std::int64_t application = base.number_of("PRAGMA application_id");
  const bool empty = base.number_of("SELECT COUNT(*) FROM sqlite_schema") == 0;
  if (application != our_application && !(version == 0 && empty)) {
    throw store_error("the file of the state is another program's database: look at state.path");
  }
  if (version > newest) {
    throw store_error("the state was written by a newer patchbay (schema " +
                      std::to_string(version) + ", this one knows up to " + std::to_string(newest) +
                      "): use that version, or restore the backup from before the upgrade");
  }
}

}  // namespace

std::int64_t newest_schema() {
  return newest;
}

bool has_newest_schema(database& base) {
  refuse_strangers(base);
  return version_of(base) == newest;
}

void prepare_schema(database& base, bool lasting) {
  if (sodium_init() < 0) throw store_error("libsodium cannot be initialised");
  refuse_strangers(base);
  if (version_of(base) == newest) return;
  transaction all(base);
  // Another process may have been quicker.
  const std::int64_t found = version_of(base);
  for (std::int64_t step = found; step < newest; ++step) {
    base.execute(ladder[static_cast<std::size_t>(step)]);
  }
  if (found == 0) {
    make_identity(base, lasting);
    base.execute(("PRAGMA application_id=" + std::to_string(our_application)).c_str());
  }
  base.execute(("PRAGMA user_version=" + std::to_string(newest)).c_str());
  all.commit();
}

}  // namespace patchbay
