#include <filesystem>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log_bench.hpp"
#include "log_sinks.hpp"
#include "report_bench.hpp"
#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::report_test;
using patchbay::testing::temp_folder;

namespace {

/// The journal's end: a datagram socket that is read when asked.
struct journal_end {
  explicit journal_end(const std::filesystem::path& path) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.string().copy(where.sun_path, sizeof where.sun_path - 1);
    REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
  }
  ~journal_end() { ::close(socket); }

  /// The lines of the next entry; empty: none has come.
  std::set<std::string> next() const {
    std::string bytes(1 << 18, '\0');
    const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    std::istringstream text(bytes.substr(0, got > 0 ? static_cast<std::size_t>(got) : 0));
    std::set<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.insert(line);
    return lines;
  }

  int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

log_options to_journal(const std::filesystem::path& socket) {
  log_options options = with_format(log_format::journal);
  options.journal = socket;
  return options;
}

}  // namespace

TEST_CASE("journal: an entry arrives with its sentence, priority, id and fields") {
  const temp_folder folder;
  const std::filesystem::path path = folder.path() / "socket";
  const journal_end journal(path);
  const hand_clock time;
  {
    log_observer log(to_journal(path), time);
    log.name_customers([](std::string_view) { return std::string("0123456789abcdef"); });
    log.note(severity::error, "drop_failed", "c.csv\nis broken",
             {{"run", "20261123T021500Z-erp"},
              {"job", "erp"},
              {"drop", "my c.csv"},
              {"customer", "C-7"},
              {"request_id", "r"},
              {"trace_id", "t"},
              {"9 odd", "x"}});
  }
  CHECK(journal.next() == std::set<std::string>{"MESSAGE=c.csv\\nis broken", "PRIORITY=3",
                                                "SYSLOG_IDENTIFIER=patchbay", "EVENT=drop_failed",
                                                "MESSAGE_ID=741510f54d53488499b3ae3374fd4f71",
                                                "RUN_ID=20261123T021500Z-erp", "JOB=erp",
                                                "DROP=my c.csv", "CUSTOMER=0123456789abcdef",
                                                "REQUEST_ID=r", "TRACE_ID=t", "FIELD_9_ODD=x"});
  CHECK(journal.next().empty());
}

TEST_CASE("journal: an entry of any size fits, and an event without an id has none") {
  const temp_folder folder;
  const std::filesystem::path path = folder.path() / "socket";
  const journal_end journal(path);
  const hand_clock time;
  {
    log_observer log(to_journal(path), time);
    log.note(severity::info, "unheard_of", std::string(1'000'000, 'x'),
             {{"job", std::string(1'000'000, 'y')}});
  }
  const std::set<std::string> entry = journal.next();
  CHECK(entry.size() == 5);
  CHECK(entry.contains("EVENT=unheard_of"));
}

TEST_CASE("journal: while it is away entries are lost, and counted when it is back") {
  const temp_folder folder;
  const std::filesystem::path path = folder.path() / "socket";
  const hand_clock time;
  log_observer log(to_journal(path), time, journal_sink(path));
  log.note(severity::warning, "drop_held", "one", {});
  log.note(severity::warning, "drop_held", "two", {});
  const journal_end journal(path);
  log.note(severity::warning, "drop_held", "three", {});
  CHECK(journal.next().contains("MESSAGE=three"));
  const std::set<std::string> counted = journal.next();
  CHECK(counted.contains("MESSAGE=2 entries of the log were lost: the journal did not take them"));
  CHECK(counted.contains("EVENT=log_lines_lost"));
}

TEST_CASE("journal: chosen by itself only where stderr is the journal's stream") {
  struct stat own {};
  REQUIRE(::fstat(STDERR_FILENO, &own) == 0);
  const std::string stream = std::to_string(own.st_dev) + ":" + std::to_string(own.st_ino);
  ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
  CHECK(log_options_for({}).format == log_format::journal);
  CHECK(log_options_for({.format = "text"}).format == log_format::text);
  ::setenv("JOURNAL_STREAM", (stream + "1").c_str(), 1);
  CHECK(log_options_for({}).format == log_format::text);
  CHECK(log_options_for({.format = "journal"}).format == log_format::journal);
  ::unsetenv("JOURNAL_STREAM");
  CHECK(log_options_for({}).format == log_format::text);
}
