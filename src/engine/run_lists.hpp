// The lists of a run's report, as things stand when it is closed: which customers were rejected,
// which of the listed changes the API has, and what a run did for older drops. Private to engine/.
// Pure, on what the store says of the customers.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "patchbay/engine/closing.hpp"

namespace patchbay {

/// By key; who is not there is not known.
using customers_now = std::map<std::string, customer_levels>;

/// Blocking, on the store's lane.
[[nodiscard]] customers_now look_at_customers(intake_store& store, const std::string& job,
                                              const std::set<std::string>& keys);
/// Everybody whom the reports or the letters name.
[[nodiscard]] std::set<std::string> named_keys(const std::vector<run_report>& reports,
                                               const std::vector<dead_letter>& letters);

/// Letters that this run wrote, or that it tried again in vain.
[[nodiscard]] std::vector<dead_letter> refused_since(const run_start& begun,
                                                     const std::vector<dead_letter>& letters);
/// Of customers that count as rejected: one whose change is due again counts as pending.
[[nodiscard]] std::vector<dead_letter> that_count(std::vector<dead_letter> letters,
                                                  const customers_now& now);
/// Customers of older drops that this run rejected, each once, whatever was refused of them.
[[nodiscard]] std::int64_t older_rejected(const run_start& begun,
                                          const std::vector<dead_letter>& fresh);
/// So many of a list stand in a report, unless all are asked for.
constexpr std::size_t most_listed = 1000;

/// A drop's own; and, `with_older`, those that this run wrote for older drops.
void add_rejects(run_report& report, const std::vector<dead_letter>& letters,
                 const std::vector<dead_letter>& fresh, const run_start& begun, bool with_older);

/// Marks the listed changes that the API does not have.
void mark_open(run_report& report, const customers_now& now);
/// What the run wrote, of a run that had no drop of its own.
[[nodiscard]] std::vector<change_entry> changes_of(const std::vector<written_field>& written,
                                                   const job_spec& job);

}  // namespace patchbay
