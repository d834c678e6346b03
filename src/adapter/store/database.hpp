// A thin owner of SQLite's C handles: statements are prepared once and kept, every failure of the
// engine is a store_error (a lost disk, never worked around), a broken constraint is a bug.
// Private to adapter/store; one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "patchbay/adapter/store/sqlite_store.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/port/intake_store.hpp"

namespace patchbay {

/// One run of a prepared statement: bind in order, step through rows, reset at the end of scope.
class query {
 public:
  query(sqlite3* base, sqlite3_stmt* made) : base_(base), made_(made) {}
  ~query();
  query(const query&) = delete;
  query& operator=(const query&) = delete;

  query& operator<<(std::int64_t number);
  query& operator<<(std::string_view text);
  query& operator<<(const std::string& text) { return *this << std::string_view(text); }
  query& operator<<(const std::optional<std::string>& text);
  query& operator<<(std::optional<std::int64_t> number);
  query& operator<<(const fingerprint& print);

  /// True while there is a row.
  bool step();
  /// For statements without rows; the number of rows changed.
  std::int64_t run();

  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] fingerprint print(int column) const;

 private:
  void bound(int code);

  sqlite3* base_;
  sqlite3_stmt* made_;
  int next_ = 1;
};

class database {
 public:
  /// By the number of a job: see sqlite_store::keep_in.
  std::map<std::int64_t, kept_form> forms;

  /// Empty path: in memory. Folder (0700) and file (0600) are made when they are missing.
  /// `read_only`: neither is made, nor is anything written beside it.
  explicit database(const std::filesystem::path& path, bool read_only = false);
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  void execute(const char* sql);
  /// `sql` is a literal: its address is the statement's name in the cache. A statement that is
  /// still stepping cannot be asked again.
  [[nodiscard]] query ask(const char* sql);
  /// For a statement without parameters that gives one number.
  [[nodiscard]] std::int64_t number_of(const char* sql);
  [[nodiscard]] std::int64_t last_row() const;

 private:
  void open(const std::string& name, int flags);
  void open_to_look(const std::filesystem::path& path);
  void set_up(bool in_memory);
  void write_ahead();

  sqlite3* base_ = nullptr;
  std::map<const char*, sqlite3_stmt*> kept_;
};

/// BEGIN IMMEDIATE … COMMIT; rolls back when it is left without commit().
class transaction {
 public:
  explicit transaction(database& base);
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  void commit();

 private:
  database& base_;
  bool open_ = true;
};

/// Everything read while it lives is of one moment, whatever other processes commit.
class snapshot {
 public:
  explicit snapshot(database& base);
  ~snapshot();
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;

 private:
  database& base_;
};

}  // namespace patchbay
