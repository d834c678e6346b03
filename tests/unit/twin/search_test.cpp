#include <string>

#include <doctest/doctest.h>

#include "api.hpp"

using namespace patchbay;
using namespace patchbay::twin;

namespace {

rules_options unlimited() {
  return {.limits = window_limits{}};
}

std::string reference_of(const std::string& resource) {
  return api::text_at(resource, {"attributes", "reference"});
}

}  // namespace

TEST_CASE("twin search: 25 references are found in one request") {
  api twin(unlimited());
  std::string query = "customers?page[size]=25&filter[q][reference_in]=";
  for (int i = 1; i <= 25; ++i) {
    const std::string digits = std::to_string(i);
    query += (i > 1 ? "," : "") + ("C-" + std::string(6 - digits.size(), '0') + digits);
  }
  const served got = twin.get(query);
  CHECK(api::listed(got).size() == 25);
  CHECK(api::text_at(got.answer.body, {"meta", "record_count"}) == "25");
  CHECK(api::text_at(got.answer.body, {"meta", "page_count"}) == "1");
}

TEST_CASE("twin search: a reference can be found twice, or not at all") {
  api twin(unlimited());
  twin.rules_.customers() = generated_roster(10, 2);
  CHECK(api::listed(twin.get("customers?filter[q][reference_eq]=C-000001")).size() == 2);
  CHECK(api::listed(twin.get("customers?filter[q][reference_eq]=C-000003")).size() == 1);
  CHECK(api::listed(twin.get("customers?filter[q][reference_eq]=C-999999")).empty());
}

TEST_CASE("twin search: percent-encoded brackets and values are understood") {
  api twin(unlimited());
  const std::string email = plain_text(twin.rules_.customers().by_id(id_of(3))->email);
  const std::string encoded =
      email.substr(0, email.find('@')) + "%40" + email.substr(email.find('@') + 1);
  const served got = twin.get("customers?filter%5Bq%5D%5Bemail_in%5D=" + encoded);
  REQUIRE(api::listed(got).size() == 1);
  CHECK(reference_of(api::listed(got)[0]) == "C-000003");
}

TEST_CASE("twin search: paging by key walks over all customers exactly once") {
  api twin(unlimited(), 137);
  std::string last;
  std::size_t seen = 0;
  for (int page = 0; page < 10; ++page) {
    const served got = twin.get("customers?sort=id&page[size]=25&page[number]=1" +
                                (last.empty() ? "" : "&filter[q][id_gt]=" + last));
    if (api::listed(got).empty()) break;
    for (const std::string& one : api::listed(got)) {
      const std::string id = api::text_at(one, {"id"});
      CHECK(id > last);
      last = id;
      ++seen;
    }
  }
  CHECK(seen == 137);
}

TEST_CASE("twin search: a page holds ten by default and 25 at most") {
  api twin(unlimited());
  const served got = twin.get("customers");
  CHECK(api::listed(got).size() == 10);
  CHECK(api::text_at(got.answer.body, {"meta", "record_count"}) == "100");
  CHECK(api::text_at(got.answer.body, {"meta", "page_count"}) == "10");
  CHECK(twin.get("customers?page[size]=26").answer.status == 400);
  CHECK(twin.get("customers?page[number]=0").answer.status == 400);
  CHECK(api::listed(twin.get("customers?page[size]=25&page[number]=4")).size() == 25);
  CHECK(api::listed(twin.get("customers?page[size]=25&page[number]=5")).empty());
}

TEST_CASE("twin search: only the form filter[q] with known names is allowed") {
  api twin(unlimited());
  CHECK(api::code_of(twin.get("customers?filter[reference_eq]=a")) == "PARAM_NOT_ALLOWED");
  CHECK(api::code_of(twin.get("customers?filter[q][shoe_size_eq]=a")) == "PARAM_NOT_ALLOWED");
  CHECK(twin.get("customers?fields[customers]=shoe_size").answer.status == 400);
}

TEST_CASE("twin search: fields and include make an answer small or large") {
  api twin(unlimited());
  const std::string id = id_of(1);
  const served few = twin.get("customers/" + id + "?fields[customers]=id,email");
  const auto attributes = parse_values(metadata_at(few.answer.body, {"data", "attributes"})->json);
  CHECK(attributes->size() == 1);
  const served joined = twin.get("customers?filter[q][id_eq]=" + id +
                                 "&include=customer_group&fields[customers]=customer_group");
  CHECK(api::text_at(joined.answer.body, {"included"}).find("\"code\":\"SILVER\"") !=
        std::string::npos);
}

TEST_CASE("twin search: groups are found by code, customers by the code of their group") {
  api twin(unlimited());
  const served groups = twin.get("customer_groups?filter[q][code_in]=GOLD,SILVER,NONE");
  REQUIRE(api::listed(groups).size() == 2);
  const served one = twin.get("customer_groups?filter[q][code_eq]=GOLD");
  REQUIRE(api::listed(one).size() == 1);
  CHECK(api::text_at(api::listed(one)[0], {"id"}) ==
        twin.rules_.customers().group_by_code("GOLD")->id);
  const served gold = twin.get("customers?filter[q][customer_group_code_eq]=GOLD");
  CHECK(api::text_at(gold.answer.body, {"meta", "record_count"}) == "20");
}

TEST_CASE("twin search: an edit by another system is found under its new values at once") {
  api twin(unlimited());
  customer edited = *twin.rules_.customers().by_id(id_of(3));
  edited.reference = string_value("MOVED");
  CHECK(twin.rules_.customers().replace(edited));
  CHECK(api::listed(twin.get("customers?filter[q][reference_eq]=C-000003")).empty());
  CHECK(api::listed(twin.get("customers?filter[q][reference_eq]=MOVED")).size() == 1);
  CHECK(twin.rules_.customers().remove(id_of(3)));
  CHECK(twin.get("customers/" + id_of(3)).answer.status == 404);
  CHECK(api::listed(twin.get("customers?filter[q][reference_eq]=MOVED")).empty());
}
