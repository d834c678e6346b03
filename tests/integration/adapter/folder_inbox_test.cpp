// The drop directory: what waits, what is claimed and what is refused, and where files go.
#include "patchbay/adapter/system/folder_inbox.hpp"

#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;
namespace fs = std::filesystem;

namespace {

source_spec source_in(const fs::path& directory, const std::string& pattern = "*.csv") {
  source_spec source;
  source.directory = directory;
  source.pattern = pattern;
  return source;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream from(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(from), {}};
}

std::vector<std::string> names_of(const std::vector<waiting_drop>& drops) {
  std::vector<std::string> names;
  for (const waiting_drop& drop : drops) names.push_back(drop.file);
  return names;
}

using names = std::vector<std::string>;

waiting_drop named(const fs::path& path) {
  waiting_drop drop;
  drop.file = path.filename().string();
  drop.path = path;
  return drop;
}

/// 2026-11-23T23:30:00Z.
constexpr wall_time evening{milliseconds(1'795'476'600'000)};

}  // namespace

TEST_CASE("inbox: waiting are the files that match, by name, packed ones too, hidden ones not") {
  const temp_folder folder;
  for (const char* name :
       {"b.csv", "a.csv", "c.csv.gz", "d.csv.zst", ".e.csv", "f.txt", "g.csv.tmp"})
    folder.write(name, "12345");
  fs::create_directory(folder.path() / "h.csv");
  folder_inbox spool(source_in(folder.path()));
  const auto found = spool.waiting();
  REQUIRE(found.has_value());
  CHECK(names_of(*found) == names{"a.csv", "b.csv", "c.csv.gz", "d.csv.zst"});
  CHECK(found->front().bytes == 5);
  CHECK(found->front().path == folder.path() / "a.csv");
}

TEST_CASE("inbox: a pattern selects, and a missing directory is named with what to do") {
  const temp_folder folder;
  folder.write("customers_1.csv", "");
  folder.write("orders_1.csv", "");
  folder_inbox spool(source_in(folder.path(), "customers_*.csv"));
  CHECK(names_of(*spool.waiting()) == names{"customers_1.csv"});
  folder_inbox nowhere(source_in(folder.path() / "none"));
  const auto refused = nowhere.waiting();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "FOLDER_MISSING");
  CHECK(refused.error().message.find((folder.path() / "none").string()) != std::string::npos);
}

TEST_CASE("inbox: a drop that must be quiet waits until it is") {
  const temp_folder folder;
  folder.write("fresh.csv", "1");
  const fs::path old = folder.write("old.csv", "1");
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(1));
  source_spec source = source_in(folder.path());
  source.complete = completion::quiet;
  source.quiet_for = std::chrono::minutes(30);
  folder_inbox spool(source);
  CHECK(names_of(*spool.waiting()) == names{"old.csv"});
}

namespace {
source_spec marked_source(const fs::path& folder) {
  source_spec source = source_in(folder);
  source.complete = completion::marker;
  return source;
}
}  // namespace

TEST_CASE("inbox: by marker only what has one is complete, in the order that the markers say") {
  const temp_folder folder;
  for (const char* name : {"a.csv", "b.csv.gz", "c.csv", "d.csv"}) folder.write(name, "1");
  folder.write("a.csv.done", "sequence: 3");
  folder.write("b.csv.ok", "sequence: 1");
  folder.write("c.OK", "sequence: 2");
  folder_inbox spool(marked_source(folder.path()));
  CHECK(names_of(*spool.waiting()) == names{"b.csv.gz", "c.csv", "a.csv"});
}

TEST_CASE("inbox: a marker follows its drop under the drop's name, and says what it must be") {
  const temp_folder folder;
  folder_inbox spool(marked_source(folder.path()));
  for (const char* expected : {"a.csv", "a-2.csv"}) {
    const fs::path path = folder.write("a.csv", "key\n1\n");
    folder.write("a.done", "rows: 1\nbytes: 6");
    REQUIRE(spool.claim(named(path)).value() == expected);
    const auto said = spool.marker_of(spool.path_of(expected, folder::working)).value();
    REQUIRE(said);
    CHECK(said->rows == 1);
    CHECK_FALSE(fs::exists(folder.path() / "a.done"));
  }
  CHECK(*spool.lying_in(folder::working) == names{"a-2.csv", "a.csv"});
  CHECK(spool.move("a-2.csv", folder::working, folder::held, {}).value() == "a-2.csv");
  CHECK(fs::exists(folder.path() / "held/a-2.csv.done"));
}

TEST_CASE("inbox: a marker that a killed process left behind follows its drop later") {
  const temp_folder folder;
  folder_inbox spool(marked_source(folder.path()));
  fs::create_directory(folder.path() / "working");
  folder.write("working/a.csv", "1");
  folder.write("a.csv.done", "rows: 1");
  CHECK(*spool.lying_in(folder::working) == names{"a.csv"});
  CHECK(spool.marker_of(spool.path_of("a.csv", folder::working)).value()->rows == 1);
}

TEST_CASE("inbox: bytes and SHA-256 that a marker promises are compared with the file") {
  const temp_folder folder;
  folder_inbox spool(marked_source(folder.path()));
  const fs::path drop = folder.write("a.csv", "abc");
  const auto refused = [&spool, &folder, &drop](const std::string& marker) {
    folder.write("a.csv.done", marker);
    const auto said = spool.marker_of(drop);
    return said ? std::string() : said.error().code;
  };
  // FIPS 180-2, appendix B.1: the SHA-256 of "abc".
  const std::string right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(refused(right + "  a.csv\n").empty());
  CHECK(refused("bytes: 3").empty());
  CHECK(refused("bytes: 4") == "MARKER_BYTES_DIFFER");
  CHECK(refused("sha256: " + std::string(64, '0')) == "MARKER_SHA256_DIFFERS");
  CHECK(refused("rows: ?") == "MARKER_UNREADABLE");
  CHECK(refused(std::string(70'000, 'x')) == "MARKER_UNREADABLE");
  fs::remove(folder.path() / "a.csv.done");
  fs::create_symlink(drop, folder.path() / "a.csv.done");
  CHECK(spool.marker_of(drop).error().code == "DROP_UNSAFE");
  fs::remove(folder.path() / "a.csv.done");
  CHECK_FALSE(spool.marker_of(drop).value().has_value());
}

TEST_CASE("inbox: a claim renames into working/, under a free number where the name is taken") {
  const temp_folder folder;
  folder_inbox spool(source_in(folder.path()));
  for (const char* expected : {"a.csv", "a-2.csv", "a-3.csv"}) {
    const fs::path path = folder.write("a.csv", expected);
    const auto claimed = spool.claim(named(path));
    REQUIRE(claimed.has_value());
    CHECK(*claimed == expected);
    CHECK(bytes_of(spool.path_of(*claimed, folder::working)) == expected);
    CHECK_FALSE(fs::exists(path));
  }
  CHECK(*spool.lying_in(folder::working) == names{"a-2.csv", "a-3.csv", "a.csv"});
  CHECK(spool.waiting()->empty());
}

TEST_CASE("inbox: the number stands before the whole extension") {
  const temp_folder folder;
  folder_inbox spool(source_in(folder.path()));
  const std::pair<const char*, const char*> cases[] = {
      {"a.csv.gz", "a-2.csv.gz"}, {"b.1.csv", "b.1-2.csv"}, {"c", "c-2"}, {"d.gz", "d-2.gz"}};
  for (const auto& [name, second] : cases) {
    CHECK(*spool.claim(named(folder.write(name, "1"))) == name);
    CHECK(*spool.claim(named(folder.write(name, "2"))) == second);
  }
}

TEST_CASE("inbox: links, pipes and paths are not taken, and lie where they lay") {
  const temp_folder folder;
  const temp_folder outside;
  const fs::path secret = outside.write("secret.csv", "secret");
  fs::create_symlink(secret, folder.path() / "link.csv");
  fs::create_hard_link(secret, folder.path() / "hard.csv");
  REQUIRE(mkfifo((folder.path() / "pipe.csv").c_str(), 0600) == 0);
  folder_inbox spool(source_in(folder.path()));
  CHECK(names_of(*spool.waiting()) == names{"hard.csv", "link.csv", "pipe.csv"});
  for (const char* name : {"link.csv", "hard.csv", "pipe.csv"}) {
    CAPTURE(name);
    const auto refused = spool.claim(named(folder.path() / name));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "DROP_UNSAFE");
    CHECK(refused.error().message.find(name) != std::string::npos);
    CHECK(fs::exists(fs::symlink_status(folder.path() / name)));
  }
  waiting_drop sly;
  sly.file = "../secret.csv";
  CHECK(spool.claim(sly).error().code == "DROP_UNSAFE");
  CHECK(spool.claim(named(folder.path() / "none.csv")).error().code == "DROP_MISSING");
}

TEST_CASE("inbox: a file that was refused waits no more, until it is another one") {
  const temp_folder folder;
  const temp_folder outside;
  fs::create_symlink(outside.write("a.csv", "1"), folder.path() / "link.csv");
  folder_inbox spool(source_in(folder.path()));
  CHECK(spool.claim(named(folder.path() / "link.csv")).has_error());
  CHECK(spool.waiting()->empty());
  fs::remove(folder.path() / "link.csv");
  const fs::path mended = folder.write("link.csv", "key\n1\n");
  CHECK(names_of(*spool.waiting()) == names{"link.csv"});
  CHECK(spool.claim(named(mended)).has_value());
}

TEST_CASE("inbox: days of the archive that are past go, others and what is not ours stay") {
  const temp_folder folder;
  const temp_folder outside;
  outside.write("theirs.csv", "1");
  const fs::path archive = folder.path() / "archive";
  for (const char* day : {"2026-08-01", "2026-08-25", "2026-11-23", "notes"}) {
    fs::create_directories(archive / day);
    std::ofstream(archive / day / "a.csv") << "1";
  }
  fs::create_directory_symlink(outside.path(), archive / "2026-01-01");
  folder_inbox spool(source_in(folder.path()));
  const auto before = std::chrono::sys_days(std::chrono::year(2026) / 8 / 25);
  CHECK(spool.forget_archive(before + std::chrono::hours(2)).value() == 1);
  CHECK_FALSE(fs::exists(archive / "2026-08-01"));
  for (const char* kept : {"2026-08-25/a.csv", "2026-11-23/a.csv", "notes/a.csv"}) {
    CHECK(fs::exists(archive / kept));
  }
  CHECK(fs::exists(outside.path() / "theirs.csv"));
}

TEST_CASE("inbox: a working/ that is a link is not written through") {
  const temp_folder folder;
  const temp_folder outside;
  fs::create_directory_symlink(outside.path(), folder.path() / "working");
  const fs::path path = folder.write("a.csv", "1");
  folder_inbox spool(source_in(folder.path()));
  const auto refused = spool.claim(named(path));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "FOLDER_UNUSABLE");
  CHECK(fs::is_empty(outside.path()));
}

TEST_CASE("inbox: a file from elsewhere is copied, the original and its time stay") {
  const temp_folder folder;
  const temp_folder elsewhere;
  const std::string big(3'000'000, 'x');
  const fs::path from = elsewhere.write("night.csv", big);
  folder_inbox spool(source_in(folder.path()));
  const auto copied = spool.copy_in(from);
  REQUIRE(copied.has_value());
  CHECK(*copied == "night.csv");
  CHECK(bytes_of(spool.path_of("night.csv", folder::working)) == big);
  CHECK(fs::last_write_time(spool.path_of("night.csv", folder::working)) ==
        fs::last_write_time(from));
  CHECK(bytes_of(from) == big);
  CHECK(*spool.copy_in(from) == "night-2.csv");
  CHECK(*spool.lying_in(folder::working) == names{"night-2.csv", "night.csv"});
  fs::create_symlink(from, elsewhere.path() / "link.csv");
  CHECK(spool.copy_in(elsewhere.path() / "link.csv").error().code == "DROP_UNSAFE");
  CHECK(spool.copy_in(elsewhere.path() / "none.csv").error().code == "DROP_MISSING");
}

TEST_CASE("inbox: archive/ has a folder a day, in UTC, and names that are taken get numbers") {
  const temp_folder folder;
  folder_inbox spool(source_in(folder.path()));
  REQUIRE(spool.claim(named(folder.write("a.csv", "1"))).has_value());
  const auto moved = spool.move("a.csv", folder::working, folder::archive, evening);
  REQUIRE(moved.has_value());
  CHECK(*moved == "2026-11-23/a.csv");
  CHECK(bytes_of(spool.path_of(*moved, folder::archive)) == "1");
  CHECK(spool.path_of(*moved, folder::archive) ==
        folder.path() / "archive" / "2026-11-23" / "a.csv");
  REQUIRE(spool.claim(named(folder.write("a.csv", "2"))).has_value());
  CHECK(*spool.move("a.csv", folder::working, folder::archive, evening) == "2026-11-23/a-2.csv");
}

TEST_CASE("inbox: a drop goes working, held, failed; moving it where it lies is no error") {
  const temp_folder folder;
  folder_inbox spool(source_in(folder.path()));
  REQUIRE(spool.claim(named(folder.write("a.csv", "1"))).has_value());
  CHECK(*spool.move("a.csv", folder::working, folder::working, evening) == "a.csv");
  CHECK(*spool.move("a.csv", folder::working, folder::held, evening) == "a.csv");
  CHECK(*spool.lying_in(folder::held) == names{"a.csv"});
  CHECK(spool.lying_in(folder::working)->empty());
  CHECK(*spool.move("a.csv", folder::working, folder::held, evening) == "a.csv");
  CHECK(*spool.move("a.csv", folder::held, folder::failed, evening) == "a.csv");
  CHECK(bytes_of(folder.path() / "failed" / "a.csv") == "1");
}

TEST_CASE("inbox: what lies nowhere is missing, and no folder is made for it") {
  const temp_folder folder;
  folder_inbox spool(source_in(folder.path()));
  const auto missing = spool.move("a.csv", folder::working, folder::archive, evening);
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == "DROP_MISSING");
  CHECK(fs::is_empty(folder.path()));
  CHECK(spool.lying_in(folder::held)->empty());
  CHECK(spool.move("../x/a.csv", folder::archive, folder::held, evening).error().code ==
        "DROP_UNSAFE");
}
