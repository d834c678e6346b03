// The customers, groups and tags that the twin pretends to be the API's, with the indexes that
// keep it fast at 100,000 customers. Owned by `rules`; not synchronised: the front locks around
// it. Values are canonical JSON text, exactly what an answer shows (`null` when empty).
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay::twin {

struct customer {
  std::string id;  ///< ten letters
  value email{"null"};
  value reference{"null"};
  value reference_origin{"null"};
  value shopper_reference{"null"};
  value profile_id{"null"};
  value tax_exemption_code{"null"};
  value metadata{"{}"};
  std::string status = "prospect";
  std::string password;  ///< write-only at the API; here so that a test can see what arrived
  std::string group_id;  ///< empty: in no group
  std::vector<std::string> tag_ids;
  bool anonymization_requested = false;
  wall_time created_at{};
  wall_time updated_at{};
};

/// The writable attribute of that name (email, reference, metadata, …); nullptr: none such.
[[nodiscard]] const value* attribute(const customer& of, std::string_view name);
[[nodiscard]] value* attribute(customer& of, std::string_view name);

struct group {
  std::string id;
  std::string name;
  std::string code;  ///< unique
};

struct tag {
  std::string id;
  std::string name;  ///< unique
};

class roster {
 public:
  /// False when the id or the e-mail is taken. Adding many: call `settle_order()` once after.
  bool add(customer one);
  void settle_order();
  bool remove(std::string_view id);
  /// Puts `changed` in the place of the customer with the same id. False: no such customer.
  bool replace(customer changed);

  [[nodiscard]] const customer* by_id(std::string_view id) const;
  /// E-mail is unique whatever its case. Plain text, not JSON.
  [[nodiscard]] const customer* by_email(std::string_view email) const;
  /// References are not unique at the API. Plain text, not JSON.
  [[nodiscard]] std::vector<const customer*> by_reference(std::string_view reference) const;
  /// All of them, in the order of their ids.
  [[nodiscard]] std::span<const customer* const> all() const { return ordered_; }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }

  /// Or the one that is there. An empty id: one is made.
  const group& add_group(std::string_view code, std::string_view id = {});
  const tag& add_tag(std::string_view name);  ///< or the one that is there
  [[nodiscard]] const std::vector<group>& groups() const { return groups_; }
  [[nodiscard]] const std::vector<tag>& tags() const { return tags_; }
  [[nodiscard]] const group* group_by_id(std::string_view id) const;
  [[nodiscard]] const group* group_by_code(std::string_view code) const;
  [[nodiscard]] const tag* tag_by_id(std::string_view id) const;
  [[nodiscard]] const tag* tag_by_name(std::string_view name) const;

 private:
  void enter(customer& one);
  void leave(const customer& one);

  std::deque<customer> kept_;  // never moves an element; a removed one stays as an empty shell
  std::vector<const customer*> ordered_;
  std::unordered_map<std::string, customer*> ids_;
  std::unordered_map<std::string, customer*> emails_;
  std::unordered_multimap<std::string, customer*> references_;
  std::vector<group> groups_;
  std::vector<tag> tags_;
};

}  // namespace patchbay::twin
