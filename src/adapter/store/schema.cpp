#include "schema.hpp"

#include <array>
#include <string>

#include <sodium.h>

namespace patchbay {
namespace {

constexpr const char* version_1 = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE job(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE customer(
  job INTEGER NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL,
  acknowledged TEXT NOT NULL, echoed TEXT, waived TEXT,
  PRIMARY KEY(job, key)) WITHOUT ROWID;
CREATE INDEX customer_id ON customer(job, id);
CREATE TABLE drop_record(
  number INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, file TEXT NOT NULL,
  stored_as TEXT NOT NULL, state INTEGER NOT NULL, mode INTEGER NOT NULL,
  digest TEXT NOT NULL, config_digest TEXT NOT NULL, bytes INTEGER NOT NULL,
  claimed_at INTEGER NOT NULL, admitted_at INTEGER NOT NULL, reason TEXT NOT NULL,
  rows_read INTEGER NOT NULL, unchanged INTEGER NOT NULL, applied INTEGER NOT NULL,
  rejected INTEGER NOT NULL, superseded INTEGER NOT NULL, held INTEGER NOT NULL,
  pending INTEGER NOT NULL);
CREATE TABLE wanted(
  job INTEGER NOT NULL, key TEXT NOT NULL, drop_no INTEGER NOT NULL, line INTEGER NOT NULL,
  fields TEXT NOT NULL, sealed TEXT, line_print BLOB NOT NULL, canonical_print BLOB NOT NULL,
  counted INTEGER NOT NULL, baseline TEXT, waived TEXT,
  PRIMARY KEY(job, key, drop_no)) WITHOUT ROWID;
CREATE INDEX wanted_order ON wanted(job, drop_no, line, key);
CREATE TABLE doubt(
  job INTEGER NOT NULL, key TEXT NOT NULL, fields TEXT NOT NULL, phase INTEGER NOT NULL,
  was_unanswered INTEGER NOT NULL, not_before INTEGER NOT NULL, slot INTEGER NOT NULL,
  PRIMARY KEY(job, key)) WITHOUT ROWID;
CREATE TABLE dead_letter(
  job INTEGER NOT NULL, key TEXT NOT NULL, field TEXT NOT NULL, id TEXT NOT NULL,
  drop_no INTEGER NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, column_name TEXT NOT NULL,
  code TEXT NOT NULL, message TEXT NOT NULL, request_id TEXT NOT NULL,
  attempts INTEGER NOT NULL, since INTEGER NOT NULL, next_retry INTEGER NOT NULL,
  PRIMARY KEY(job, key, field)) WITHOUT ROWID;
CREATE TABLE reject(
  drop_no INTEGER NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
  column_name TEXT NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL);
CREATE INDEX reject_drop ON reject(drop_no, line);
CREATE TABLE run(
  run TEXT PRIMARY KEY, job TEXT NOT NULL, outcome TEXT NOT NULL, dry_run INTEGER NOT NULL,
  started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX run_time ON run(started_at);
CREATE TABLE history(
  run TEXT NOT NULL, job INTEGER NOT NULL, key TEXT NOT NULL, field TEXT NOT NULL,
  from_value TEXT, to_value TEXT NOT NULL, drop_no INTEGER NOT NULL, line INTEGER NOT NULL,
  request_id TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX history_customer ON history(job, key, at);
CREATE INDEX history_run ON history(run);
CREATE TABLE slot(
  number INTEGER PRIMARY KEY AUTOINCREMENT, class INTEGER NOT NULL, boot TEXT NOT NULL,
  process TEXT NOT NULL, leased_at INTEGER NOT NULL, released_at INTEGER);
CREATE INDEX slot_release ON slot(class, released_at);
CREATE TABLE owner_request(
  number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, subject TEXT NOT NULL,
  who TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE customer_group(code TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
)sql";

constexpr std::array ladder{version_1};

std::int64_t version_of(database& base) {
  query asked = base.ask("PRAGMA user_version");
  asked.step();
  return asked.number(0);
}

std::string random_hex(std::size_t bytes) {
  std::string raw(bytes, '\0');
  randombytes_buf(raw.data(), raw.size());
  std::string hex(bytes * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(raw.data()), bytes);
  hex.pop_back();
  return hex;
}

void make_identity(database& base) {
  constexpr std::size_t secret_bytes = 32;
  query id = base.ask("INSERT OR IGNORE INTO meta VALUES('store_id', ?)");
  const std::string store_id = random_hex(16);
  id << std::string_view(store_id);
  id.run();
  query secret = base.ask("INSERT OR IGNORE INTO meta VALUES('secret', ?)");
  const std::string hex = random_hex(secret_bytes);
  secret << std::string_view(hex);
  secret.run();
  base.ask("INSERT OR IGNORE INTO meta VALUES('generation', 0)").run();
}

}  // namespace

void prepare_schema(database& base) {
  if (sodium_init() < 0) throw store_error("libsodium cannot be initialised");
  const auto newest = static_cast<std::int64_t>(ladder.size());
  if (version_of(base) == newest) return;
  transaction all(base);
  const std::int64_t found = version_of(base);
  if (found > newest) {
    throw store_error("the state was written by a newer patchbay (schema " + std::to_string(found) +
                      ", this one knows " + std::to_string(newest) +
                      "): install that version, or restore the backup from before the upgrade");
  }
  for (std::int64_t step = found; step < newest; ++step) {
    base.execute(ladder[static_cast<std::size_t>(step)]);
  }
  const std::string mark = "PRAGMA user_version=" + std::to_string(newest);
  base.execute(mark.c_str());
  make_identity(base);
  all.commit();
}

}  // namespace patchbay
