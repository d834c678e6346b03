// Who plays in a rehearsal: the customers that the night writes to, as the store knows them, and
// those whose e-mail addresses it would collide with; their groups and tags. Blocking.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  /// or is to be in.
  void add(const customer_levels& customer);
  /// Of the store's other customers those who hold an e-mail address that somebody is to get.
  void add_rivals(intake_store& store);
  /// Keys of those who are to get a group by a code that no answer of the API has shown yet, by
  /// code: whether it exists is not known.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> doubtful_groups(
      intake_store& store) const;
  /// Code → id of every group in the cast.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> groups() const;
  /// Once; nobody is added afterwards.
  [[nodiscard]] twin::roster take();

 private:
  void enter(const customer_levels& customer);
  void meet_groups_and_tags(const field_values& fields);
  [[nodiscard]] const field_spec* group_by_code() const;  ///< nullptr: none is mapped so
  const twin::group& meet(const value& group);            ///< a code or an id, as it is mapped

  const job_spec& job_;
  twin::roster roster_;
  std::set<std::string> keys_;
  std::map<std::string, std::vector<std::string>> wanted_groups_;  ///< by code: keys
  std::set<std::string> wanted_emails_;                            ///< lower case
};

}  // namespace patchbay
