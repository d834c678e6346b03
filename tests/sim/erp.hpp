// The simulated ERP: it knows its customers' present values, changes some of them now and then,
// also back again, and writes drops. And what its drops ask for in the end, reckoned without the
// engine.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenario.hpp"

namespace patchbay::sim {

/// The job beside `erp`, where a scenario has one.
constexpr const char* second_job = "crm";

[[nodiscard]] const std::vector<std::string>& columns_of_erp();
[[nodiscard]] const std::vector<std::string>& columns_of(const std::string& job);
[[nodiscard]] const std::vector<std::string>& tax_codes();

[[nodiscard]] std::vector<erp_drop> write_drops(const scenario& of, chance& luck);

/// The second job's, between the first of `into` and its last.
void write_second_drops(scenario& into, chance& luck);

/// Per customer the cells that the admitted drops, in their order, said last. An empty cell of a
/// column that keeps says nothing. `first_password`: what became the baseline.
struct last_word {
  std::map<std::string, std::string> cells;
  std::string first_password;
};
[[nodiscard]] std::map<std::string, last_word> last_words(
    const std::vector<const erp_drop*>& admitted);

}  // namespace patchbay::sim
