// Who plays in a rehearsal: the customers that the night writes to, as the store knows them, and
// those whose e-mail addresses it would collide with; their groups and tags. Blocking.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "patchbay/model/job.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/port/intake_store.hpp"
#include "patchbay/twin/roster.hpp"

namespace patchbay {

/// So many customers are read from the store at once.
inline constexpr std::size_t page_customers = 1'000;

class rehearsal_cast {
 public:
  explicit rehearsal_cast(const job_spec& job) : job_(job) {}

  /// A customer of the API, holding what was acknowledged; with the groups and tags that it is in
  /// or is to be in: nobody doubts that they exist.
  void add(const customer_levels& customer);
  /// Of the store's other customers those who hold an e-mail address that somebody is to get.
  void add_rivals(intake_store& store);
  /// Code → id of every group in the cast.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> groups() const;
  /// Once; nobody is added afterwards.
  [[nodiscard]] twin::roster take();

 private:
  void enter(const customer_levels& customer);
  void meet_groups_and_tags(const field_values& fields);
  const twin::group& meet(const value& group);  ///< a code or an id, as it is mapped

  const job_spec& job_;
  twin::roster roster_;
  std::set<std::string> keys_;
  std::set<std::string> wanted_emails_;  ///< lower case
};

}  // namespace patchbay
