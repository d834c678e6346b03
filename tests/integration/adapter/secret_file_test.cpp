// Where the secret comes from, and when it is refused.
#include "patchbay/adapter/system/secret_file.hpp"

#include <cstdlib>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "temp_folder.hpp"

using namespace patchbay;
using namespace patchbay::testing;

namespace {

std::filesystem::path secret_in(const temp_folder& folder, const std::string& text, mode_t rights) {
  const auto path = folder.write("client_secret", text);
  REQUIRE(::chmod(path.c_str(), rights) == 0);
  return path;
}

}  // namespace

TEST_CASE("secret: read without one line end") {
  const temp_folder folder;
  CHECK(*read_secret_file(secret_in(folder, "s3cret\n", 0600)) == "s3cret");
  CHECK(*read_secret_file(secret_in(folder, "s3cret\r\n", 0600)) == "s3cret");
  CHECK(*read_secret_file(secret_in(folder, "s3cret", 0400)) == "s3cret");
  CHECK(*read_secret_file(secret_in(folder, " s3cret\n\n", 0600)) == " s3cret\n");
}

TEST_CASE("secret: one that others can read is refused, with what to do and without the secret") {
  const temp_folder folder;
  for (const mode_t rights : {0640U, 0604U, 0660U, 0601U}) {
    CAPTURE(rights);
    const result<std::string> refused = read_secret_file(secret_in(folder, "s3cret", rights));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "SECRET_READABLE_BY_OTHERS");
    CHECK(refused.error().message.find("chmod 600") != std::string::npos);
    CHECK(refused.error().message.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("secret: a credential of the service manager may show group rights, others' never") {
  const temp_folder folder;
  ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(read_secret_file(secret_in(folder, "s3cret", 0440)).has_value());
  CHECK(read_secret_file(secret_in(folder, "s3cret", 0444)).has_error());
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(read_secret_file(secret_in(folder, "s3cret", 0440)).has_error());
}

TEST_CASE("secret: missing, empty, endless and a folder are told apart") {
  const temp_folder folder;
  CHECK(read_secret_file(folder.path() / "none").error().code == "SECRET_MISSING");
  CHECK(read_secret_file(secret_in(folder, "", 0600)).error().code == "SECRET_EMPTY");
  CHECK(read_secret_file(secret_in(folder, " \n", 0600)).error().code == "SECRET_EMPTY");
  const std::string endless(70'000, 's');
  CHECK(read_secret_file(secret_in(folder, endless, 0600)).error().code == "SECRET_UNREADABLE");
  CHECK(read_secret_file(folder.path()).error().code == "SECRET_UNREADABLE");
}
