#include "patchbay/twin/roster.hpp"

#include <algorithm>
#include <utility>

#include "patchbay/twin/json_object.hpp"
#include "patchbay/twin/seed.hpp"

namespace patchbay::twin {

namespace {

// Groups and tags take their ids from numbers far above those of customers.
constexpr std::uint64_t group_numbers = 900'000'000'000;
constexpr std::uint64_t tag_numbers = 910'000'000'000;

template <class Rows, class Fits>
auto first_of(const Rows& rows, Fits fits) -> const typename Rows::value_type* {
  const auto found = std::find_if(rows.begin(), rows.end(), fits);
  return found == rows.end() ? nullptr : &*found;
}

template <class Customer>
auto attribute_of(Customer& of, std::string_view name) -> decltype(&of.email) {
  if (name == "email") return &of.email;
  if (name == "reference") return &of.reference;
  if (name == "reference_origin") return &of.reference_origin;
  if (name == "metadata") return &of.metadata;
  if (name == "shopper_reference") return &of.shopper_reference;
  if (name == "profile_id") return &of.profile_id;
  if (name == "tax_exemption_code") return &of.tax_exemption_code;
  return nullptr;
}

std::string email_key(std::string_view email) {
  return lower_ascii(email);
}

}  // namespace

const value* attribute(const customer& of, std::string_view name) {
  return attribute_of(of, name);
}

value* attribute(customer& of, std::string_view name) {
  return attribute_of(of, name);
}

void roster::enter(customer& one) {
  ids_.emplace(one.id, &one);
  if (!is_null(one.email)) emails_.emplace(email_key(plain_text(one.email)), &one);
  if (!is_null(one.reference)) references_.emplace(plain_text(one.reference), &one);
}

void roster::leave(const customer& one) {
  ids_.erase(one.id);
  const auto owned = emails_.find(email_key(plain_text(one.email)));
  if (owned != emails_.end() && owned->second == &one) emails_.erase(owned);
  const auto [begin, end] = references_.equal_range(plain_text(one.reference));
  for (auto at = begin; at != end; ++at) {
    if (at->second != &one) continue;
    references_.erase(at);
    break;
  }
}

bool roster::add(customer one) {
  if (by_id(one.id) != nullptr) return false;
  if (!is_null(one.email) && by_email(plain_text(one.email)) != nullptr) return false;
  customer& kept = kept_.emplace_back(std::move(one));
  enter(kept);
  ordered_.push_back(&kept);
  return true;
}

void roster::settle_order() {
  std::sort(ordered_.begin(), ordered_.end(),
            [](const customer* a, const customer* b) { return a->id < b->id; });
}

bool roster::remove(std::string_view id) {
  const auto found = ids_.find(std::string(id));
  if (found == ids_.end()) return false;
  customer& one = *found->second;
  std::erase(ordered_, &one);
  leave(one);
  one = customer{};
  return true;
}

bool roster::replace(customer changed) {
  const auto found = ids_.find(changed.id);
  if (found == ids_.end()) return false;
  customer& one = *found->second;
  if (one.email == changed.email && one.reference == changed.reference) {
    one = std::move(changed);
    return true;
  }
  leave(one);
  one = std::move(changed);
  enter(one);
  return true;
}

const customer* roster::by_id(std::string_view id) const {
  const auto found = ids_.find(std::string(id));
  return found == ids_.end() ? nullptr : found->second;
}

const customer* roster::by_email(std::string_view email) const {
  const auto found = emails_.find(email_key(email));
  return found == emails_.end() ? nullptr : found->second;
}

std::vector<const customer*> roster::by_reference(std::string_view reference) const {
  std::vector<const customer*> found;
  const auto [begin, end] = references_.equal_range(std::string(reference));
  for (auto at = begin; at != end; ++at) found.push_back(at->second);
  std::sort(found.begin(), found.end(),
            [](const customer* a, const customer* b) { return a->id < b->id; });
  return found;
}

const group& roster::add_group(std::string_view code, std::string_view id) {
  if (const group* there = group_by_code(code)) return *there;
  group made{.id = id.empty() ? id_of(group_numbers + groups_.size()) : std::string(id),
             .name = std::string(code),
             .code = std::string(code)};
  return groups_.emplace_back(std::move(made));
}

const tag& roster::add_tag(std::string_view name) {
  if (const tag* there = tag_by_name(name)) return *there;
  return tags_.emplace_back(tag{id_of(tag_numbers + tags_.size()), std::string(name)});
}

const group* roster::group_by_id(std::string_view id) const {
  return first_of(groups_, [id](const group& one) { return one.id == id; });
}

const group* roster::group_by_code(std::string_view code) const {
  return first_of(groups_, [code](const group& one) { return one.code == code; });
}

const tag* roster::tag_by_id(std::string_view id) const {
  return first_of(tags_, [id](const tag& one) { return one.id == id; });
}

const tag* roster::tag_by_name(std::string_view name) const {
  return first_of(tags_, [name](const tag& one) { return one.name == name; });
}

}  // namespace patchbay::twin
