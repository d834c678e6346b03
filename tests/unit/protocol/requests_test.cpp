#include "patchbay/protocol/requests.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "patchbay/protocol/echo.hpp"

using namespace patchbay;

TEST_CASE("requests: a patch holds only what it is given") {
  patch_content content;
  content.id = "xYZkjABcde";
  content.fields = {{"email", {"\"a@x.it\""}}};
  const request made = patch_customer("/api", content, {});
  CHECK(made.method == "PATCH");
  CHECK(made.target == "/api/customers/xYZkjABcde");
  CHECK(made.body ==
        R"({"data":{"type":"customers","id":"xYZkjABcde","attributes":{"email":"a@x.it"}}})");
}

TEST_CASE("requests: a group is a relationship, an empty one takes the customer out") {
  patch_content content;
  content.id = "a";
  content.group_id = "gid";
  CHECK(
      patch_customer("/api", content, {})
          .body.find(
              R"("relationships":{"customer_group":{"data":{"type":"customer_groups","id":"gid"}}})") !=
      std::string::npos);
  content.group_id = "";
  CHECK(patch_customer("/api", content, {}).body.find(R"({"customer_group":{"data":null}})") !=
        std::string::npos);
}

TEST_CASE("requests: 25 customers are asked for at once, a comma alone") {
  const std::vector<std::string> two{"C 1", "C&2"};
  CHECK(customers_by("/api", match_by::reference, two, 1, {}).target ==
        "/api/customers?filter%5Bq%5D%5Breference_in%5D=C%201,C%262"
        "&fields%5Bcustomers%5D=id,reference,email&sort=id&page%5Bsize%5D=25&page%5Bnumber%5D=1");
  const std::vector<std::string> comma{"a,b"};
  CHECK(asks_alone(comma.front()));
  CHECK(customers_by("/api", match_by::reference, comma, 1, {})
            .target.find("reference_eq%5D=a%2Cb&") != std::string::npos);
}

TEST_CASE("echo: form is told apart from content") {
  CHECK(compare_echo({"1.50"}, {"1.5"}) == echo_match::equal);
  CHECK(compare_echo({"\"A@X.it \""}, {"\"a@x.it\""}) == echo_match::normalised);
  CHECK(compare_echo({"\"Cafe\u0301\""}, {"\"Caf\u00e9\""}) == echo_match::normalised);
  CHECK(compare_echo({"\"a\""}, {"\"b\""}) == echo_match::different);
  CHECK(compare_echo({"null"}, {"\"x\""}) == echo_match::different);
}
