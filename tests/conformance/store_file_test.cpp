// The state as a file: who may read it, what it survives, and what it says when it is no state.
#include <csignal>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patchbay/adapter/store/sodium_seal.hpp"
#include "store_bench.hpp"

namespace patchbay::testing {
namespace {

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The file and its log, as somebody with the disk in hand would see them.
std::string everything_on_disk(const std::filesystem::path& file) {
  return bytes_of(file) + bytes_of(file.string() + "-wal");
}

/// Asked beside the store, as an operator might.
std::string ask_file(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* base = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &base) == SQLITE_OK);
  std::string said;
  const auto each = [](void* out, int columns, char** texts, char**) {
    for (int column = 0; column < columns; ++column) {
      auto& text = *static_cast<std::string*>(out);
      text += texts[column] == nullptr ? "NULL" : texts[column];
      text += column + 1 == columns ? ";" : "|";
    }
    return 0;
  };
  CHECK(sqlite3_exec(base, sql.c_str(), each, &said, nullptr) == SQLITE_OK);
  sqlite3_close(base);
  return said;
}

/// What opening says; empty: nothing.
std::string complaint(const std::filesystem::path& file) {
  try {
    const auto store = open_store(file);
    static_cast<void>(store->drops(""));
  } catch (const store_error& why) {
    return why.what();
  }
  return {};
}

TEST_CASE("file: nobody else may read it, and everything is there after reopening") {
  bench<on_disk> here;
  const drop_number drop = here.admitted({row("1", 2, email("a@x.it"))});
  struct stat status {};
  REQUIRE(::stat(here.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  REQUIRE(::stat(here.file().parent_path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0700U);
  const auto again = open_store(here.file(), "other");
  CHECK(again->pending(job, {}, 9, on_day(1)).size() == 1);
  CHECK(again->identity().id == here->identity().id);
  CHECK(again->identity().secret == here->identity().secret);
  CHECK(again->drops(job).front().number == drop);
}

TEST_CASE("file: a process that is killed loses nothing that was committed") {
  const temp_folder folder;
  const auto file = folder.path() / "state.db";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open_store(file, "dead");
    drop_record record;
    record.job = job;
    const drop_number drop = store->register_drop(record);
    const std::vector<staged_row> rows{row("1", 2, email("a@x.it"))};
    store->stage(job, drop, rows);
    store->admit(drop, plan_of(rows), on_day(1));
    const delivery_op op = lease_request{request_class::patch, {}, job, "1", {"email"}};
    store->commit(std::span(&op, 1), at_second(1));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const auto store = open_store(file, "next", at_second(5));
  store->recover(at_second(5), at_second(30));
  const std::vector<customer_levels> pending = store->pending(job, {}, 9, on_day(1));
  REQUIRE(pending.size() == 1);
  REQUIRE(pending.front().in_doubt);
  CHECK(pending.front().in_doubt->at == doubt::phase::unanswered);
  CHECK(store->slots_held(request_class::patch, at_second(60), at_second(64)) == 1);
}

TEST_CASE("file: a state of a newer patchbay is refused, and says so") {
  bench<on_disk> here;
  ask_file(here.file(), "PRAGMA user_version=99");
  const std::string why = complaint(here.file());
  CHECK(why.find("newer patchbay") != std::string::npos);
  CHECK(why.find("99") != std::string::npos);
}

TEST_CASE("file: another program's database is refused and left as it is") {
  const temp_folder folder;
  const auto file = folder.path() / "state.db";
  folder.write("state.db", "");
  ask_file(file, "CREATE TABLE theirs(x); INSERT INTO theirs VALUES(7)");
  CHECK(complaint(file).find("state.path") != std::string::npos);
  CHECK(ask_file(file, "SELECT x FROM theirs") == "7;");
}

TEST_CASE("file: what is no state, or only a part of one, is named and never overwritten") {
  const temp_folder folder;
  const auto file = folder.path() / "state.db";
  std::string bytes;
  SUBCASE("text") {
    bytes = std::string(100, 'k') + "key,email\n1,a@x.it\n";
  }
  SUBCASE("a truncated state") {
    { const auto made = open_store(file); }
    bytes = bytes_of(file).substr(0, 9000);
  }
  SUBCASE("a state with a torn head") {
    { const auto made = open_store(file); }
    bytes = bytes_of(file);
    bytes.replace(0, 16, 16, 'x');
  }
  folder.write("state.db", bytes);
  const std::string why = complaint(file);
  CHECK_MESSAGE(why.find("state.db") != std::string::npos, why);
  CHECK_MESSAGE(why.find("backup") != std::string::npos, why);
  CHECK(bytes_of(file) == bytes);
}

TEST_CASE("file: a link in its place is not followed, a folder is not written") {
  const temp_folder folder;
  folder.write("precious", "");
  std::filesystem::create_symlink(folder.path() / "precious", folder.path() / "state.db");
  CHECK(complaint(folder.path() / "state.db").find("plain file") != std::string::npos);
  CHECK(bytes_of(folder.path() / "precious").empty());
  CHECK_FALSE(complaint(folder.path()).empty());
}

TEST_CASE("file: readers see one moment while the owner writes") {
  bench<on_disk> here;
  const auto beside = open_store(here.file(), "beside");
  here.admitted({row("1", 2, email("a@x.it"))});
  CHECK(beside->counts(job).pending == 1);
  here.applied("1");
  CHECK(beside->counts(job).pending == 0);
  CHECK(beside->drops(job).front().totals.applied == 1);
}

TEST_CASE("history: a PATCH is remembered with what was before, and only what it changed") {
  bench<on_disk> here;
  const learned_customer known{"1", "id-1", {{"email", text("old")}, {"name", text("Ada")}}};
  here->learn(job, std::span(&known, 1));
  const drop_number drop =
      here.admitted({row("1", 4, {{"email", text("new")}, {"tax", text("T1")}})});
  settle how = here.ended(settle_kind::applied, "1", here.lease_patch("1"), drop);
  how.acknowledged = {{"email", text("new")}, {"name", text("Ada")}, {"tax", text("T1")}};
  here.settle_with(how);
  CHECK(ask_file(here.file(),
                 "SELECT run, key, field, from_value, to_value, drop_no, line, request_id,"
                 " waived_by FROM history ORDER BY field") ==
        "run-1|1|email|\"old\"|\"new\"|1|4|req-1|NULL;"
        "run-1|1|tax|NULL|\"T1\"|1|4|req-1|NULL;");
}

TEST_CASE(
    "history: the last event of a field is the last that was written, whatever the clock said") {
  bench<on_disk> here;
  const auto apply_on = [&here](int day, const char* address, const char* run) {
    const drop_number drop = here.admitted({row("1", 4, email(address))});
    settle how = here.ended(settle_kind::applied, "1", here.lease_patch("1"), drop);
    how.acknowledged = email(address);
    how.run = run;
    how.at = on_day(day);
    here.settle_with(how);
  };
  apply_on(9, "first@x.it", "run-1");
  apply_on(2, "second@x.it", "run-2");
  const std::vector<field_event> last = here->last_events(job, "1");
  REQUIRE(last.size() == 1);
  CHECK(last.front().run == "run-2");
  CHECK(last.front().at == on_day(2));
}

TEST_CASE("history: a waiver is remembered with who gave it") {
  bench<on_disk> here;
  here.admitted({row("1", 4, email("bad"))});
  here.refused("1");
  here->drop_dead("1", "ada", on_day(3));
  CHECK(ask_file(here.file(), "SELECT key, field, to_value, line, waived_by FROM history") ==
        "1|email|\"bad\"|4|ada;");
}

TEST_CASE("sealed: a sensitive value is nowhere in the file's bytes, before or after its PATCH") {
  bench<on_disk> here;
  const auto key = sodium_seal::open_key(here.folder().path() / "seal.key");
  REQUIRE(key.has_value());
  const value secret = text("hunter2-very-secret");
  staged_row one = row("1", 2, {{"password", key->veil(secret)}, {"email", text("plain@x.it")}});
  one.wanted.sealed = {{"password", key->close(secret)}};
  here.admitted({one});
  const sealed_values kept = here.customer("1").wanted->sealed;
  REQUIRE(kept.contains("password"));
  const result<value> opened = key->open(kept.at("password"));
  REQUIRE(opened.has_value());
  CHECK(*opened == secret);
  CHECK(everything_on_disk(here.file()).find("plain@x.it") != std::string::npos);
  CHECK(everything_on_disk(here.file()).find("hunter2") == std::string::npos);
  here.applied("1");
  CHECK(everything_on_disk(here.file()).find("hunter2") == std::string::npos);
  CHECK(ask_file(here.file(), "SELECT COUNT(*) FROM wanted") == "0;");
}

TEST_CASE("seal: opens its own, refuses what is damaged or of another key") {
  const temp_folder folder;
  const auto one = sodium_seal::open_key(folder.path() / "one.key");
  const auto same = sodium_seal::open_key(folder.path() / "one.key");
  const auto other = sodium_seal::open_key(folder.path() / "other.key");
  REQUIRE(one.has_value());
  REQUIRE(same.has_value());
  REQUIRE(other.has_value());
  const value plain = text("s3cret");
  const std::string sealed = one->close(plain);
  CHECK(one->close(plain) != sealed);
  CHECK(same->open(sealed).value() == plain);
  CHECK(same->veil(plain) == one->veil(plain));
  CHECK(one->veil(plain).json.substr(0, 2) == "\"#");
  CHECK(other->veil(plain) != one->veil(plain));
  CHECK(other->open(sealed).error().code == "SEAL_BROKEN");
  std::string damaged = sealed;
  damaged.back() = damaged.back() == '0' ? '1' : '0';
  CHECK(one->open(damaged).error().code == "SEAL_BROKEN");
  CHECK(one->open("").error().code == "SEAL_BROKEN");
  CHECK(one->open("no hex").error().code == "SEAL_BROKEN");
  CHECK(one->open(sealed + "0").error().code == "SEAL_BROKEN");
}

TEST_CASE("seal: a key that others can read, or that is no key, is refused with what to do") {
  const temp_folder folder;
  const auto file = folder.path() / "seal.key";
  REQUIRE(sodium_seal::open_key(file).has_value());
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  std::string code;
  SUBCASE("readable") {
    ::chmod(file.c_str(), 0644);
    code = "SEAL_KEY_READABLE";
  }
  SUBCASE("short") {
    folder.write("seal.key", "short");
    code = "SEAL_KEY_DAMAGED";
  }
  SUBCASE("long") {
    folder.write("seal.key", std::string(33, 'x'));
    code = "SEAL_KEY_DAMAGED";
  }
  const auto refused = sodium_seal::open_key(file);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == code);
  CHECK(refused.error().message.find("seal.key") != std::string::npos);
}

}  // namespace
}  // namespace patchbay::testing
