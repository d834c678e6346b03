#include <doctest/doctest.h>

#include "in_hand.hpp"
#include "levels.hpp"

using namespace patchbay;

namespace {

const wall_time noon{std::chrono::hours(12)};

std::optional<work_left> left(const customer_levels& customer) {
  return work_left_for(customer, mapping_of_each_kind(), noon);
}

customer_levels wanting(field_values fields) {
  customer_levels customer = customer_c1();
  customer.wanted = wants(std::move(fields));
  return customer;
}

}  // namespace

TEST_CASE("work left: a change waits for its PATCH, one of metadata for its object first") {
  CHECK(left(wanting({{"email", text("b@x.it")}}))->what == need::patch);
  CHECK(left(wanting({{"metadata.limit", json("1")}}))->what == need::metadata_patch);
}

TEST_CASE("work left: nothing for a settled customer, nor for one whose id is forgotten") {
  CHECK_FALSE(left(customer_c1()).has_value());
  customer_levels forgotten = wanting({{"email", text("b@x.it")}});
  forgotten.id.clear();
  CHECK_FALSE(left(forgotten).has_value());
}

TEST_CASE("work left: a refusal stands until it is due") {
  customer_levels customer = wanting({{"email", text("b@x.it")}});
  customer.wanted->counted = row_class::rejected;
  customer.dead.emplace_back().next_retry = noon + std::chrono::hours(1);
  CHECK_FALSE(left(customer).has_value());
  customer.dead.front().next_retry = noon;
  CHECK(left(customer)->what == need::patch);
}

TEST_CASE("work left: a late application is looked for once nothing is to be sent, not before") {
  customer_levels customer = wanting({{"email", text("a@x.it")}});
  customer.in_doubt = doubt{doubt::phase::proving, {"email"}, instant(500), 0};
  CHECK(left(customer)->what == need::read_back);
  CHECK(left(customer)->not_before == instant(500));
  customer.wanted->fields["email"] = text("b@x.it");
  CHECK(left(customer)->what == need::patch);
  CHECK(left(customer)->not_before == instant(0));
}

TEST_CASE("in hand: a customer is held once, and again after it was let go") {
  customers_in_hand held;
  customer_in_hand one;
  one.levels = customer_c1();
  const ticket first = held.take(one);
  CHECK(held.holds("erp", "C-1"));
  CHECK_FALSE(held.holds("other", "C-1"));
  CHECK(held.at(first).levels.id == "aaaaaaaaab");
  held.let_go(first);
  held.let_go(first);
  CHECK_FALSE(held.holds("erp", "C-1"));
  CHECK(held.take(one) != first);
}
