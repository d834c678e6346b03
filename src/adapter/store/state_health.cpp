#include "patchbay/adapter/store/state_health.hpp"

#include <cstdlib>
#include <string>
#include <utility>

#include <sqlite3.h>

#include "schema.hpp"

namespace patchbay {
namespace {

constexpr int busy_ms = 5'000;
constexpr int steps_between_looks = 100'000;

/// A connection that can only read; the pages of its owner's log are seen, too.
class reader {
 public:
  explicit reader(const std::filesystem::path& file) {
    fine_ = sqlite3_open_v2(file.c_str(), &base_, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                            nullptr) == SQLITE_OK;
    sqlite3_busy_timeout(base_, busy_ms);
  }
  ~reader() { sqlite3_close(base_); }
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  [[nodiscard]] bool fine() const { return fine_; }
  [[nodiscard]] std::string error() const { return sqlite3_errmsg(base_); }
  [[nodiscard]] sqlite3* get() const { return base_; }

  /// The first column of the first row, SQLITE_ROW; or the code of what went wrong.
  int ask(const char* sql, std::string& answer) {
    sqlite3_stmt* asked = nullptr;
    int code = sqlite3_prepare_v2(base_, sql, -1, &asked, nullptr);
    if (code == SQLITE_OK) code = sqlite3_step(asked);
    if (code == SQLITE_ROW) {
      const unsigned char* const text = sqlite3_column_text(asked, 0);
      answer = text == nullptr ? "" : reinterpret_cast<const char*>(text);
    }
    sqlite3_finalize(asked);
    return code;
  }

 private:
  sqlite3* base_ = nullptr;
  bool fine_ = false;
};

int asked_now_and_then(void* given) {
  const auto& enough = *static_cast<std::function<bool()>*>(given);
  return enough && enough() ? 1 : 0;
}

fault damaged(const std::filesystem::path& file, const std::string& how) {
  return {"STATE_DAMAGED", file.string() + " is damaged (" + how +
                               "): stop patchbay and restore a backup of it, or move it away (the "
                               "next run reads the API and rewrites nothing that is right)"};
}

}  // namespace

result<state_health> look_at_state(const std::filesystem::path& file,
                                   std::function<bool()> enough) {
  reader base(file);
  std::string answer;
  const int opened = base.fine() ? base.ask("PRAGMA user_version", answer) : SQLITE_CANTOPEN;
  if (opened == SQLITE_NOTADB || opened == SQLITE_CORRUPT) return damaged(file, base.error());
  if (opened != SQLITE_ROW) {
    return fault{"STATE_UNREADABLE", file.string() + " cannot be read (" + base.error() +
                                         "): run as the user of the service"};
  }
  state_health made;
  made.version = std::atoll(answer.c_str());
  made.newest = newest_schema();
  if (made.version > made.newest) {
    return fault{"STATE_NEWER", file.string() + " was written by a newer patchbay (schema " +
                                    std::to_string(made.version) + ", this one knows up to " +
                                    std::to_string(made.newest) +
                                    "): use that version, or restore the backup from before the "
                                    "upgrade"};
  }
  sqlite3_progress_handler(base.get(), steps_between_looks, &asked_now_and_then, &enough);
  const int checked = base.ask("PRAGMA quick_check(1)", answer);
  if (checked == SQLITE_INTERRUPT) {
    made.whole = false;
    return made;
  }
  if (checked != SQLITE_ROW) return damaged(file, base.error());
  if (answer != "ok") return damaged(file, answer);
  return made;
}

}  // namespace patchbay
