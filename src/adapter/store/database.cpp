#include "database.hpp"

#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace patchbay {
namespace {

constexpr int busy_ms = 30'000;

/// SQLite would make the file with the process's umask; others must never read it.
void make_private(const std::filesystem::path& path) {
  const int made =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (made < 0) {
    throw store_error("cannot open " + path.string() + ": " + std::strerror(errno));
  }
  ::close(made);
}

}  // namespace

query::~query() {
  sqlite3_reset(made_);
  sqlite3_clear_bindings(made_);
}

void query::bound(int code) {
  if (code != SQLITE_OK) {
    throw store_error(std::string("store: cannot bind: ") + sqlite3_errmsg(base_));
  }
}

query& query::operator<<(std::int64_t number) {
  bound(sqlite3_bind_int64(made_, next_++, number));
  return *this;
}

query& query::operator<<(std::string_view text) {
  // A null pointer would bind NULL, which is not the empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  bound(sqlite3_bind_text64(made_, next_++, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

query& query::operator<<(const std::optional<std::string>& text) {
  if (text) return *this << std::string_view(*text);
  bound(sqlite3_bind_null(made_, next_++));
  return *this;
}

query& query::operator<<(std::optional<std::int64_t> number) {
  if (number) return *this << *number;
  bound(sqlite3_bind_null(made_, next_++));
  return *this;
}

query& query::operator<<(const fingerprint& print) {
  unsigned char bytes[16];
  std::memcpy(bytes, &print.high, 8);
  std::memcpy(bytes + 8, &print.low, 8);
  bound(sqlite3_bind_blob(made_, next_++, bytes, sizeof bytes, SQLITE_TRANSIENT));
  return *this;
}

bool query::step() {
  const int code = sqlite3_step(made_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw store_error(std::string("store: ") + sqlite3_errmsg(base_) + " (" +
                    sqlite3_errstr(sqlite3_extended_errcode(base_)) + ")");
}

std::int64_t query::run() {
  while (step()) {
  }
  return sqlite3_changes64(base_);
}

std::int64_t query::number(int column) const {
  return sqlite3_column_int64(made_, column);
}

std::string query::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(made_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(made_, column))};
}

bool query::is_null(int column) const {
  return sqlite3_column_type(made_, column) == SQLITE_NULL;
}

fingerprint query::print(int column) const {
  fingerprint made;
  const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(made_, column));
  if (bytes == nullptr || sqlite3_column_bytes(made_, column) != 16) return made;
  std::memcpy(&made.high, bytes, 8);
  std::memcpy(&made.low, bytes + 8, 8);
  return made;
}

database::database(const std::filesystem::path& path) {
  const bool in_memory = path.empty();
  if (!in_memory) make_private(path);
  const std::string name = in_memory ? std::string(":memory:") : path.string();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  if (sqlite3_open_v2(name.c_str(), &base_, flags, nullptr) != SQLITE_OK) {
    const std::string why = base_ == nullptr ? "no memory" : sqlite3_errmsg(base_);
    sqlite3_close(base_);
    throw store_error("cannot open " + name + ": " + why);
  }
  sqlite3_busy_timeout(base_, busy_ms);
  execute("PRAGMA journal_mode=WAL");
  execute("PRAGMA synchronous=FULL");
  execute("PRAGMA temp_store=MEMORY");
}

database::~database() {
  for (const auto& [sql, made] : kept_) sqlite3_finalize(made);
  sqlite3_close(base_);
}

void database::fail(const char* doing) const {
  throw store_error(std::string("store: ") + doing + ": " + sqlite3_errmsg(base_));
}

void database::execute(const char* sql) {
  if (sqlite3_exec(base_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

query database::ask(const char* sql) {
  sqlite3_stmt*& made = kept_[sql];
  if (made == nullptr &&
      sqlite3_prepare_v3(base_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK) {
    fail(sql);
  }
  return {base_, made};
}

std::int64_t database::last_row() const {
  return sqlite3_last_insert_rowid(base_);
}

transaction::transaction(database& base) : base_(base) {
  base_.execute("BEGIN IMMEDIATE");
}

transaction::~transaction() {
  if (!open_) return;
  try {
    base_.execute("ROLLBACK");
  } catch (const store_error&) {
    // SQLite has rolled back by itself after a disk error; the first error is on its way.
  }
}

void transaction::commit() {
  base_.execute("COMMIT");
  open_ = false;
}

}  // namespace patchbay
