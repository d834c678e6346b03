#include "database.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace patchbay {
namespace {

constexpr int busy_ms = 30'000;
constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

std::string system_error() {
  return std::strerror(errno);
}

/// SQLite would make the file with the process's umask; others must never read it.
void make_private(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!std::filesystem::exists(folder)) {
    std::error_code failed;
    std::filesystem::create_directories(folder.parent_path(), failed);
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      throw store_error("state.path: cannot make the folder " + folder.string() + ": " +
                        system_error());
    }
  }
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only);
  if (made < 0) {
    throw store_error("cannot open the state " + path.string() + ": " + system_error() +
                      "; it must be a plain file that this user may write");
  }
  ::close(made);
}

std::string as_uri(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    const bool special = c == '?' || c == '#' || c == '%';
    if (!special) uri += c;
    if (special) uri += c == '?' ? "%3f" : c == '#' ? "%23" : "%25";
  }
  return uri;
}

/// What an operator can do about it.
const char* advice(int code, int system_code) {
  // SQLite calls a full disk an I/O error where it makes its shared memory.
  if (system_code == ENOSPC || system_code == EDQUOT) code = SQLITE_FULL;
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "; the disk is full: free some space and start again, nothing is lost";
    case SQLITE_IOERR:
      return "; the disk failed: look at the system's log before starting again";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; the file is damaged or no state of patchbay: restore a backup of it, or move it "
             "away (the next run reads the API and rewrites nothing that is right)";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "; another process has kept the state locked for too long: end it and start again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "; this user may not write it: look at the owner and the rights of the state folder";
    default:
      return "";
  }
}

/// A broken constraint is our own mistake (exit 70); anything else is the disk's (exit 74).
[[noreturn]] void fail(sqlite3* base, const std::string& doing) {
  const int code = sqlite3_extended_errcode(base);
  const std::string why = doing + ": " + sqlite3_errmsg(base) + " (" + std::to_string(code) + ")";
  const bool bug = (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISUSE;
  if (bug) throw std::logic_error("store: " + why);
  const char* file = sqlite3_db_filename(base, "main");
  const bool on_disk = file != nullptr && *file != '\0';
  throw store_error("state " + std::string(on_disk ? file : "in memory") + ": " + why +
                    advice(code, sqlite3_system_errno(base)));
}

}  // namespace

query::~query() {
  sqlite3_reset(made_);
  sqlite3_clear_bindings(made_);
}

void query::bound(int code) {
  if (code != SQLITE_OK) fail(base_, "cannot bind");
}

query& query::operator<<(std::int64_t number) {
  bound(sqlite3_bind_int64(made_, next_++, number));
  return *this;
}

query& query::operator<<(std::string_view text) {
  // A null pointer would bind NULL, which is not the empty text.
  const char* bytes = text.data() == nullptr ? "" : text.data();
  bound(sqlite3_bind_text64(made_, next_++, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
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
  std::array<unsigned char, 16> bytes{};
  std::memcpy(bytes.data(), &print.high, 8);
  std::memcpy(bytes.data() + 8, &print.low, 8);
  bound(sqlite3_bind_blob(made_, next_++, bytes.data(), bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

bool query::step() {
  const int code = sqlite3_step(made_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(base_, sqlite3_sql(made_));
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

namespace {

/// SQLite counts its memory for nobody, under a lock at each allocation.
void count_no_memory() {
  [[maybe_unused]] static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace

database::database(const std::filesystem::path& path, bool read_only) {
  count_no_memory();
  if (read_only) {
    open_to_look(path);
    return;
  }
  const bool in_memory = path.empty();
  if (!in_memory) make_private(path);
  open(in_memory ? std::string(":memory:") : path.string(),
       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX);
  try {
    set_up(in_memory);
  } catch (...) {
    sqlite3_close(base_);
    throw;
  }
}

void database::open(const std::string& name, int flags) {
  const int code = sqlite3_open_v2(name.c_str(), &base_, flags, nullptr);
  if (code == SQLITE_OK) return;
  const std::string why = base_ == nullptr ? "no memory" : sqlite3_errmsg(base_);
  const int system_code = base_ == nullptr ? 0 : sqlite3_system_errno(base_);
  sqlite3_close(base_);
  throw store_error("cannot open the state " + name + ": " + why + advice(code, system_code));
}

/// The log of a process that was killed is read, too; where there is none, nobody writes, and the
/// memory that readers share with a writer is not needed.
void database::open_to_look(const std::filesystem::path& path) {
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX;
  open(path.string(), flags);
  sqlite3_busy_timeout(base_, busy_ms);
  if (sqlite3_exec(base_, "SELECT 1 FROM meta", nullptr, nullptr, nullptr) != SQLITE_OK) {
    std::error_code none;
    const std::uintmax_t log = std::filesystem::file_size(path.string() + "-wal", none);
    if (none || log == 0) {
      sqlite3_close(base_);
      open(as_uri(path) + "?immutable=1", flags | SQLITE_OPEN_URI);
    }
  }
  sqlite3_extended_result_codes(base_, 1);
}

void database::set_up(bool in_memory) {
  sqlite3_extended_result_codes(base_, 1);
  write_ahead();
  sqlite3_busy_timeout(base_, busy_ms);
  if (!in_memory) {
    sqlite3_stmt* asked = nullptr;
    if (sqlite3_prepare_v2(base_, "PRAGMA journal_mode", -1, &asked, nullptr) != SQLITE_OK) {
      fail(base_, "PRAGMA journal_mode");
    }
    const bool row = sqlite3_step(asked) == SQLITE_ROW;
    const auto* mode = row ? reinterpret_cast<const char*>(sqlite3_column_text(asked, 0)) : nullptr;
    const bool ahead = mode != nullptr && std::string_view(mode) == "wal";
    sqlite3_finalize(asked);
    if (!ahead) {
      throw store_error(
          "state.path lies on a file system that cannot share memory between processes (a network "
          "share?): put the state on a local disk");
    }
  }
  execute("PRAGMA synchronous=FULL");
  execute("PRAGMA foreign_keys=ON");
  execute("PRAGMA temp_store=MEMORY");
  execute("PRAGMA cache_size=-16384");            // 16 MiB: look-ups of known customers
  execute("PRAGMA journal_size_limit=67108864");  // after a large admit the log shrinks again
}

/// Where several processes open a new state at once, one of them makes the log and the others are
/// told "busy" at once: the engine's own patience does not cover this statement.
void database::write_ahead() {
  constexpr int pause_ms = 20;
  int code = SQLITE_BUSY;
  for (int waited = 0; waited < busy_ms; waited += pause_ms) {
    code = sqlite3_exec(base_, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr) & 0xFF;
    if (code != SQLITE_BUSY && code != SQLITE_LOCKED) break;
    sqlite3_sleep(pause_ms);
  }
  if (code != SQLITE_OK) fail(base_, "PRAGMA journal_mode=WAL");
}

database::~database() {
  for (const auto& [sql, made] : kept_) sqlite3_finalize(made);
  sqlite3_close(base_);
}

void database::execute(const char* sql) {
  if (sqlite3_exec(base_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(base_, sql);
}

query database::ask(const char* sql) {
  sqlite3_stmt*& made = kept_[sql];
  if (made == nullptr &&
      sqlite3_prepare_v3(base_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK) {
    fail(base_, sql);
  }
  if (sqlite3_stmt_busy(made) != 0) {
    throw std::logic_error(std::string("store: asked again while stepping: ") + sql);
  }
  return {base_, made};
}

std::int64_t database::number_of(const char* sql) {
  query asked = ask(sql);
  return asked.step() ? asked.number(0) : 0;
}

std::int64_t database::last_row() const {
  return sqlite3_last_insert_rowid(base_);
}

transaction::transaction(database& base) : base_(base) {
  base_.ask("BEGIN IMMEDIATE").run();
}

transaction::~transaction() {
  if (!open_) return;
  try {
    base_.ask("ROLLBACK").run();
  } catch (const std::exception&) {
    // SQLite has rolled back by itself after a disk error; the first error is on its way.
  }
}

void transaction::commit() {
  base_.ask("COMMIT").run();
  open_ = false;
}

snapshot::snapshot(database& base) : base_(base) {
  base_.ask("BEGIN DEFERRED").run();
}

snapshot::~snapshot() {
  try {
    base_.ask("COMMIT").run();
  } catch (const std::exception&) {
    // Nothing was written; a later statement meets the same error and says it.
  }
}

}  // namespace patchbay
