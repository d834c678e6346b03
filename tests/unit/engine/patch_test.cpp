#include <doctest/doctest.h>

#include "levels.hpp"
#include "patch_builder.hpp"

using namespace patchbay;

namespace {

const glass_seal sealing;

customer_levels wanting(field_values fields) {
  customer_levels customer = customer_c1();
  customer.wanted = wants(std::move(fields));
  return customer;
}

result<built_patch> built(const customer_levels& customer,
                          const std::optional<std::string>& metadata = std::nullopt,
                          const group_ids& groups = {}) {
  return build_patch(customer, mapping_of_each_kind(), groups, sealing, metadata);
}

}  // namespace

TEST_CASE("patch: only what differs from acknowledged is in it") {
  const auto made = built(wanting({{"email", text("b@x.it")}, {"metadata.limit", json("100.00")}}));
  REQUIRE(made.has_value());
  CHECK(made->content.id == "aaaaaaaaab");
  CHECK(made->content.fields == field_values{{"email", text("b@x.it")}});
  CHECK_FALSE(made->content.metadata.has_value());
  CHECK_FALSE(made->content.group_id.has_value());
  CHECK(made->asked == field_values{{"email", text("b@x.it")}});
}

TEST_CASE("patch: metadata is merged into the object as read, foreign keys stay") {
  const auto made =
      built(wanting({{"metadata.limit", json("7")}, {"metadata.erp.class", text("B")}}),
            R"({"shop":{"vip":true},"limit":100,"erp":{"class":"A","area":4}})");
  REQUIRE(made.has_value());
  CHECK(same(json(*made->content.metadata),
             json(R"({"shop":{"vip":true},"limit":7,"erp":{"class":"B","area":4}})")));
}

TEST_CASE("patch: a metadata key that becomes null is removed, its neighbours are not") {
  const auto made = built(wanting({{"metadata.limit", null_value()}}), R"({"limit":100,"x":1})");
  REQUIRE(made.has_value());
  CHECK(same(json(*made->content.metadata), json(R"({"x":1})")));
}

TEST_CASE("patch: replace writes our keys alone, the ones that did not change among them") {
  mapping_spec mapping = mapping_of_each_kind();
  mapping.metadata = metadata_rule::replace;
  const customer_levels customer = wanting({{"metadata.erp.class", text("B")}});
  CHECK_FALSE(needs_metadata(fields_to_send(customer), mapping));
  const auto made = build_patch(customer, mapping, {}, sealing, R"({"foreign":1})");
  REQUIRE(made.has_value());
  CHECK(same(json(*made->content.metadata), json(R"({"limit":100,"erp":{"class":"B"}})")));
}

TEST_CASE("patch: the object must be read before metadata alone") {
  const mapping_spec mapping = mapping_of_each_kind();
  CHECK(needs_metadata({{"metadata.limit", json("1")}}, mapping));
  CHECK_FALSE(needs_metadata({{"email", text("b@x.it")}}, mapping));
}

TEST_CASE("patch: a sealed password leaves in plain, and a broken seal is a fault") {
  customer_levels customer = wanting({{"password", text("#\"two\"")}});
  customer.wanted->sealed["password"] = "sealed:\"two\"";
  const auto made = built(customer);
  REQUIRE(made.has_value());
  CHECK(made->content.fields.at("password") == text("two"));
  customer.wanted->sealed["password"] = "of another key";
  CHECK(built(customer).error().code == "SEAL_BROKEN");
}

TEST_CASE("patch: a group goes by its id, null takes the customer out, unknown codes are a fault") {
  const customer_levels customer = wanting({{"customer_group", text("GOLD")}});
  const auto made = built(customer, std::nullopt, {{"GOLD", "gggggggggg"}});
  REQUIRE(made.has_value());
  CHECK(made->content.group_id == "gggggggggg");
  CHECK(built(customer).error().code == "GROUP_UNKNOWN");
  CHECK(built(customer, std::nullopt, {{"GOLD", ""}}).error().code == "GROUP_UNKNOWN");
  const auto out = built(wanting({{"customer_group", null_value()}}));
  REQUIRE(out.has_value());
  CHECK(out->content.group_id == "");
}

TEST_CASE("patch: tags that are gone are taken off, the others are put on") {
  customer_levels customer = wanting({{"tags", json(R"(["b","say \"c\""])")}});
  customer.acknowledged["tags"] = json(R"(["a","b"])");
  const auto made = built(customer);
  REQUIRE(made.has_value());
  CHECK(made->content.add_tags == std::vector<std::string>{"b", "say \"c\""});
  CHECK(made->content.remove_tags == std::vector<std::string>{"a"});
}

TEST_CASE("patch: what is no longer mapped is not sent") {
  const auto made = built(wanting({{"gone", text("x")}}));
  REQUIRE(made.has_value());
  CHECK(made->asked.empty());
}

TEST_CASE("patch: a hash is never sent as the value that it stands for") {
  customer_levels customer = wanting({{"email", text("b@x.it")}});
  customer.acknowledged["password"] = text("#\"one\"");
  customer.in_doubt = doubt{doubt::phase::unanswered, {"password"}, instant(0), 0};
  const auto made = built(customer);
  REQUIRE(made.has_value());
  CHECK_FALSE(made->content.fields.contains("password"));
  CHECK(made->content.fields.contains("email"));
  customer.wanted.reset();
  CHECK(built(customer).error().code == "VALUE_NOT_KEPT");
}
